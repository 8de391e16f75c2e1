import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { NodeAlertTransport } from '../../src/io/node_alert_transport.ts';
import { HookServer } from '../support/hook_server.ts';

const transport = new NodeAlertTransport();
const closed: { close(): unknown }[] = [];
let hook: HookServer;

before(async () => {
  hook = await HookServer.start();
});
after(() => {
  hook.close();
  for (const each of closed) each.close();
});

test('a message is posted as JSON', async () => {
  assert.equal(await transport.post({ url: `${hook.url}/secret`, body: { a: 1 } }), undefined);
  assert.deepEqual(hook.received, [{ path: '/secret', body: { a: 1 } }]);
});

test('an answer that is no success is a failure, which does not tell the secret of the address', async () => {
  hook.status = 404;
  const failure = await transport.post({ url: `${hook.url}/secret`, body: {} });
  assert.equal(failure!.message, `${hook.url} answered 404: answer`);
});

test('nobody there is a failure', async () => {
  const other = await HookServer.start();
  const { url } = other;
  other.close();
  const failure = await transport.post({ url, body: {} });
  assert.match(failure!.message, /^http:\/\/127\.0\.0\.1:\d+ can not be reached: .*ECONNREFUSED/);
});

/** Says what a mail server says, and keeps what it was told. */
async function mailServer(refuses: boolean): Promise<{ url: string; told: string[] }> {
  const told: string[] = [];
  const server = net.createServer(socket => {
    let isData = false;
    socket.setEncoding('utf8');
    socket.on('error', () => {});
    socket.write('220 ready\r\n');
    socket.on('data', chunk => {
      for (const line of String(chunk)
        .split('\r\n')
        .filter(text => text !== '')) {
        told.push(line);
        if (isData) {
          if (line !== '.') continue;
          isData = false;
          socket.write('250 taken\r\n');
        } else if (line === 'DATA') {
          isData = true;
          socket.write('354 go on\r\n');
        } else if (line === 'QUIT') socket.end('221 bye\r\n');
        else
          socket.write(refuses && line.startsWith('RCPT') ? '550 nobody of that name\r\n' : '250 fine\r\n');
      }
    });
  });
  closed.push(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return { url: `smtp://127.0.0.1:${(server.address() as net.AddressInfo).port}`, told };
}

const MAIL = { subject: '[FIRING:1] BrokerDown', text: 'Broker 1 is not alive.' };

test('a mail is sent', async () => {
  const { url, told } = await mailServer(false);
  const route = { serverUrl: url, from: 'odradek@here', to: ['ops@there', 'more@there'] };
  assert.equal(await transport.mail(MAIL, route), undefined);
  assert.ok(told.includes('MAIL FROM:<odradek@here>'), told.join('\n'));
  assert.ok(told.includes('RCPT TO:<ops@there>') && told.includes('RCPT TO:<more@there>'));
  assert.ok(told.includes('Subject: [FIRING:1] BrokerDown'));
  assert.ok(told.includes('Broker 1 is not alive.'));
});

test('a mail that is refused is a failure', async () => {
  const { url } = await mailServer(true);
  const failure = await transport.mail(MAIL, { serverUrl: url, from: 'a@b', to: ['nobody@there'] });
  assert.match(failure!.message, /did not take the mail: .*nobody of that name/);
});
