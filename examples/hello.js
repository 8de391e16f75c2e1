/*
 * Sends three records and reads back all that there are: node examples/hello.js [HOST:PORT]
 */
import kafkajs from 'kafkajs';

const { Kafka, logLevel, Partitioners } = kafkajs;
const topic = 'greetings';
const run = String(Date.now());
const kafka = new Kafka({ brokers: [process.argv[2] ?? '127.0.0.1:9092'], logLevel: logLevel.ERROR });

const admin = kafka.admin();
await admin.connect();
if (!(await admin.listTopics()).includes(topic)) {
  await admin.createTopics({ topics: [{ topic, numPartitions: 3 }] });
}
await admin.disconnect();

const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
await producer.connect();
const messages = ['hello', 'from', 'Odradek'].map(value => ({ value, headers: { run } }));
for (const { partition, baseOffset } of await producer.send({ topic, messages })) {
  console.log(`sent to partition ${partition}, offset ${baseOffset}`);
}
await producer.disconnect();

// A group of its own each time, so that it begins at the beginning; it ends when it has read what was just sent.
const consumer = kafka.consumer({ groupId: `hello-${run}` });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
let left = messages.length;
await new Promise(resolve => {
  consumer.run({
    eachMessage: async ({ partition, message }) => {
      console.log(`read from partition ${partition}, offset ${message.offset}: ${message.value}`);
      if (String(message.headers?.run) === run) left--;
      if (left === 0) resolve();
    },
  });
});
await consumer.disconnect();
