package main

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const groupPartitions = 6

var groupCases = map[string]Case{
	"group-rebalance":   func(s Scenario) { rebalance(s, groupPartitions, kgo.RangeBalancer()) },
	"group-cooperative": func(s Scenario) { rebalance(s, 2, kgo.CooperativeStickyBalancer()) },
	"group-resume":      resume,
	"group-static":      staticMembers,
	"group-admin":       administer,
	"kill-9":            kill,
}

// round makes one record for each partition.
func round(topic string) []*kgo.Record {
	records := make([]*kgo.Record, groupPartitions)
	for partition := range records {
		records[partition] = &kgo.Record{Topic: topic, Partition: int32(partition), Value: []byte("work")}
	}
	return records
}

// feed sends rounds until stop is called, which returns how many.
func feed(s Scenario) (stop func() int64) {
	client := newClient(s)
	var stopping atomic.Bool
	var rounds atomic.Int64
	var failure error
	var working sync.WaitGroup
	working.Add(1)
	go func() {
		defer working.Done()
		defer client.Close()
		for ; !stopping.Load() && failure == nil; rounds.Add(1) {
			failure = client.ProduceSync(context.Background(), round(s.name("topic"))...).FirstErr()
		}
	}()
	return func() int64 {
		stopping.Store(true)
		working.Wait()
		check(failure)
		return rounds.Load()
	}
}

func allEnd(end int64) map[int32]int64 {
	ends := map[int32]int64{}
	for partition := range int32(groupPartitions) {
		ends[partition] = end
	}
	return ends
}

// settled waits until these members share the partitions and each has processed something since.
func settled(ledger *Ledger, minimumEach int, members ...string) {
	until("the members share the partitions and work", func() bool {
		return ledger.isShared(members, groupPartitions, minimumEach)
	}, ledger.describe)
}

func committedOffsets(s Scenario) map[int32]int64 {
	offsets := map[int32]int64{}
	withAdmin(s, func(admin *kadm.Client) {
		must(admin.FetchOffsets(soon(), s.name("group"))).Each(func(each kadm.OffsetResponse) {
			check(each.Err)
			offsets[each.Partition] = each.At
		})
	})
	return offsets
}

// rebalance: two members become three while records keep coming, then one; nothing is missed, nothing comes twice.
func rebalance(s Scenario, givenUp int, balancer kgo.GroupBalancer) {
	createTopic(s, s.name("topic"), groupPartitions)
	ledger := newLedger(false)
	start := func(name string) *Member { return startMember(s, ledger, name, kgo.Balancers(balancer)) }
	stopFeed := feed(s)
	defer stopFeed()
	a, b := start("a"), start("b")
	settled(ledger, 3, "a", "b")
	before := ledger.givenUpBy("a", "b")
	c := start("c")
	settled(ledger, 2, "a", "b", "c")
	equal("how many partitions a and b gave up", ledger.givenUpBy("a", "b")-before, givenUp)
	a.stop()
	b.stop()
	settled(ledger, groupPartitions, "c")
	rounds := stopFeed()
	until("everything is committed", func() bool { return ledger.committedCount() == rounds*groupPartitions }, ledger.describe)
	c.stop()
	ledger.assertComplete(allEnd(rounds), true)
	equal("the group's offsets", committedOffsets(s), allEnd(rounds))
}

// resume: a group that stopped goes on where its commits say, with other members.
func resume(s Scenario) {
	createTopic(s, s.name("topic"), groupPartitions)
	ledger := newLedger(false)
	for stint := int64(1); stint <= 3; stint++ {
		for range 20 {
			produceAll(s, round(s.name("topic")))
		}
		first, second := startMember(s, ledger, "first"), startMember(s, ledger, "second")
		until("everything is committed", func() bool {
			return ledger.committedCount() == stint*20*groupPartitions
		}, ledger.describe)
		first.stop()
		second.stop()
		ledger.assertComplete(allEnd(stint*20), true)
		equal("the group's offsets", committedOffsets(s), allEnd(stint*20))
	}
}

// staticMembers: a static member that comes back in time gets its partitions back, and the others notice nothing.
func staticMembers(s Scenario) {
	createTopic(s, s.name("topic"), groupPartitions)
	ledger := newLedger(true)
	start := func(name string) *Member { return startMember(s, ledger, name, kgo.InstanceID(name)) }
	stopFeed := feed(s)
	defer stopFeed()
	one, two := start("one"), start("two")
	settled(ledger, 3, "one", "two")
	// A cooperative group shares its partitions before all of its members know of the last generation.
	until("both are in the same generation", func() bool { return one.generation() == two.generation() })
	owned, generation := ledger.ownedBy("two"), one.generation()
	two.stop()
	returned := start("two")
	settled(ledger, 3, "one", "two")
	equal("what the returned member owns", ledger.ownedBy("two"), owned)
	equal("the generation of the other", one.generation(), generation)

	// A second one of the same name takes the place of the first, which is told so.
	usurper := start("two")
	until("the first of the name is fenced", returned.fenced.Load)
	for _, member := range []*Member{returned, usurper, one} {
		member.stop()
	}
}

// administer: the admin client sees a group with its members, empty, and deleted; while it has members it can't be
// deleted.
func administer(s Scenario) {
	topic, group := s.name("topic"), s.name("group")
	createTopic(s, topic, groupPartitions)
	produceAll(s, round(topic))
	ledger := newLedger(false)
	member := startMember(s, ledger, "member", kgo.Balancers(kgo.RangeBalancer()))
	until("the round is committed", func() bool { return ledger.committedCount() == groupPartitions }, ledger.describe)
	withAdmin(s, func(admin *kadm.Client) {
		remove := func() error { return must(must(admin.DeleteGroups(soon(), group)).On(group, nil)).Err }
		listed := must(admin.ListGroups(soon()))[group]
		equal("how it is listed", []string{listed.State, listed.ProtocolType}, []string{"Stable", "consumer"})
		described := must(admin.DescribeGroups(soon(), group))[group]
		check(described.Err)
		equal("how it is described", []string{described.State, described.Protocol}, []string{"Stable", "range"})
		equal("members", len(described.Members), 1)
		equal("the client", described.Members[0].ClientID, "conformance")
		equal("the number of its partitions", len(described.AssignedPartitions()[topic]), groupPartitions)
		refused(kerr.NonEmptyGroup, "deleting a group with members", remove())
		member.stop()

		until("the group is empty", func() bool { return must(admin.DescribeGroups(soon(), group))[group].State == "Empty" })
		var offsets kadm.Offsets
		offsets.Add(kadm.Offset{Topic: topic, Partition: 0, At: 0, LeaderEpoch: -1})
		check(must(admin.CommitOffsets(soon(), group, offsets)).Error())
		altered := allEnd(1)
		altered[0] = 0
		equal("the altered offsets", committedOffsets(s), altered)
		var first kadm.TopicsSet
		first.Add(topic, 0)
		check(must(admin.DeleteOffsets(soon(), group, first)).Error())
		delete(altered, 0)
		equal("offsets left", committedOffsets(s), altered)
		check(remove())
		equal("offsets left", committedOffsets(s), map[int32]int64{})
		refused(kerr.GroupIDNotFound, "once more", remove())
	})
}
