"""A network switch in user space between network namespaces, with faults on each direction of each link.

    switch.py NAME=ADDRESS [NAME=ADDRESS ...]

Makes a namespace for each name (it must not exist), with a network card of that address, and passes frames between
them. Reads rules from stdin, one JSON object a line, and answers each with a line once it holds:

    {"from": "a", "to": "b", "cut": true}                      nothing gets from a to b
    {"from": "a", "to": "b", "loss": 0.2, "delayMs": 50}       some is lost, and all is late
    {"from": "a", "to": "b"}                                   as if nothing had been

When stdin ends, it takes the namespaces away and ends. Needs root and /dev/net/tun.
"""

import fcntl
import heapq
import json
import os
import random
import select
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TAP = 0x0002
IFF_NO_PI = 0x1000
# Fewer and larger frames: the switch is the bottleneck.
MTU = 32_000
FRAME_BYTES = MTU + 64
# Frames that are late or wait for a card; what is above is lost, as in any switch.
MAX_DELAYED_FRAMES = 20_000


class Card:
    """The switch's end of a namespace's network card."""

    def __init__(self, name, address, index):
        self.name = name
        self.namespace = name
        device = f"odr{os.getpid() % 100000}-{index}"[:15]
        self.file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.file, TUNSETIFF, struct.pack("16sH", device.encode(), IFF_TAP | IFF_NO_PI))
        self.mac = bytes([2, 0, 0, 0, 0, index])
        ip("netns", "add", self.namespace)
        ip("link", "set", device, "netns", self.namespace)
        inside = ("-n", self.namespace)
        mac = ":".join(f"{byte:02x}" for byte in self.mac)
        ip(*inside, "link", "set", device, "address", mac, "mtu", str(MTU), "up")
        ip(*inside, "link", "set", "lo", "up")
        ip(*inside, "addr", "add", f"{address}/24", "dev", device)


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, stdin=subprocess.DEVNULL)


class Switch:
    def __init__(self, cards):
        self.cards = cards
        self.by_file = {card.file: card for card in cards}
        self.by_mac = {card.mac: card for card in cards}
        self.by_name = {card.name: card for card in cards}
        self.rules = {}
        # (due, sequence, file, frame), the earliest first.
        self.delayed = []
        self.sequence = 0
        self.chance = random.Random()

    def set_rule(self, rule):
        key = (self.by_name[rule["from"]].file, self.by_name[rule["to"]].file)
        cut, loss, delay = rule.get("cut", False), rule.get("loss", 0.0), rule.get("delayMs", 0) / 1000
        if cut or loss or delay:
            self.rules[key] = (1.0 if cut else loss, delay)
        else:
            self.rules.pop(key, None)

    def pass_on(self, origin, frame):
        target = self.by_mac.get(bytes(frame[:6]))
        targets = [target] if target else [card for card in self.cards if card is not origin]
        for card in targets:
            rule = self.rules.get((origin.file, card.file))
            if rule is None:
                send(card.file, frame)
                continue
            loss, delay = rule
            if loss and self.chance.random() < loss:
                continue
            if not delay:
                send(card.file, frame)
            elif len(self.delayed) < MAX_DELAYED_FRAMES:
                self.sequence += 1
                heapq.heappush(self.delayed, (time.monotonic() + delay, self.sequence, card.file, frame))

    def send_due(self):
        """Sends what is due. Returns the seconds until more is, or None."""
        while self.delayed:
            left = self.delayed[0][0] - time.monotonic()
            if left > 0:
                return left
            _, _, file, frame = heapq.heappop(self.delayed)
            send(file, frame)
        return None

    def run(self):
        poller = select.poll()
        for card in self.cards:
            poller.register(card.file, select.POLLIN)
        poller.register(sys.stdin.fileno(), select.POLLIN | select.POLLHUP)
        os.set_blocking(sys.stdin.fileno(), False)
        pending = b""
        while True:
            left = self.send_due()
            for file, _ in poller.poll(None if left is None else max(1, left * 1000)):
                if file != sys.stdin.fileno():
                    self.read(file)
                    continue
                text = os.read(file, 65536)
                if not text:
                    return
                *lines, pending = (pending + text).split(b"\n")
                for line in lines:
                    self.set_rule(json.loads(line))
                    say("done")

    def read(self, file):
        origin = self.by_file[file]
        # A few at a time, so that no card starves the others.
        for _ in range(32):
            try:
                frame = os.read(file, FRAME_BYTES)
            except BlockingIOError:
                return
            self.pass_on(origin, frame)


def send(file, frame):
    try:
        os.write(file, frame)
    except OSError:
        # The card is not up, or its queue is full: the frame is lost.
        pass


def say(text):
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main():
    cards = []
    try:
        for index, argument in enumerate(sys.argv[1:]):
            name, address = argument.split("=")
            cards.append(Card(name, address, index + 1))
        say("ready")
        Switch(cards).run()
    finally:
        for card in cards:
            subprocess.run(["ip", "netns", "del", card.namespace], check=False)


main()
