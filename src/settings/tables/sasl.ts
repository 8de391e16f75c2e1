/* SASL. */

import {
  boolean,
  className,
  double,
  int,
  list,
  long,
  oneOf,
  password,
  short,
  string,
  table,
} from '../setting.ts';
import { NO_SASL } from './unused.ts';

export const SASL_SETTINGS = table({
  'sasl.mechanism.controller.protocol': string('GSSAPI', {
    importance: 'high',
    unused: NO_SASL,
    doc: 'Mechanism with which nodes authenticate to controllers.',
  }),
  'sasl.mechanism.inter.broker.protocol': string('GSSAPI', {
    importance: 'medium',
    update: 'per-broker',
    unused: NO_SASL,
    doc: 'Mechanism with which brokers authenticate to each other.',
  }),
  'sasl.enabled.mechanisms': list('GSSAPI', {
    importance: 'medium',
    update: 'per-broker',
    unused: NO_SASL,
    doc: 'Mechanisms that clients may use.',
  }),
  'sasl.server.max.receive.size': int(524_288, {
    importance: 'medium',
    unused: NO_SASL,
    doc: 'Largest message that is read before a client has authenticated.',
  }),
  'sasl.server.callback.handler.class': className(null, {
    importance: 'medium',
    unused: NO_SASL,
    doc: "Class that checks credentials on the server's side.",
  }),
  'sasl.client.callback.handler.class': className(null, {
    importance: 'medium',
    unused: NO_SASL,
    doc: "Class that gives credentials on the client's side.",
  }),
  'sasl.login.class': className(null, {
    importance: 'medium',
    unused: NO_SASL,
    doc: 'Class that logs in.',
  }),
  'sasl.login.callback.handler.class': className(null, {
    importance: 'medium',
    unused: NO_SASL,
    doc: 'Class that gives credentials at the login.',
  }),
  'sasl.jaas.config': password({
    importance: 'medium',
    update: 'per-broker',
    unused: NO_SASL,
    doc: "Login module and credentials of a listener's mechanism.",
  }),
  'sasl.kerberos.service.name': string(null, {
    importance: 'medium',
    update: 'per-broker',
    unused: NO_SASL,
    doc: 'Principal name of the brokers in Kerberos.',
  }),
  'sasl.kerberos.principal.to.local.rules': list('DEFAULT', {
    importance: 'medium',
    update: 'per-broker',
    unused: NO_SASL,
    doc: 'Rules that make short names of Kerberos principals.',
  }),
  'sasl.kerberos.kinit.cmd': string('/usr/bin/kinit', {
    importance: 'medium',
    update: 'per-broker',
    unused: NO_SASL,
    doc: 'Path of kinit.',
  }),
  'sasl.kerberos.ticket.renew.window.factor': double(0.8, {
    importance: 'medium',
    update: 'per-broker',
    unused: NO_SASL,
    doc: "Part of a ticket's life after which it is renewed.",
  }),
  'sasl.kerberos.ticket.renew.jitter': double(0.05, {
    importance: 'medium',
    update: 'per-broker',
    unused: NO_SASL,
    doc: "Random part that is added to the time of a ticket's renewal.",
  }),
  'sasl.kerberos.min.time.before.relogin': long(60_000, {
    importance: 'medium',
    update: 'per-broker',
    unused: NO_SASL,
    doc: 'Least time between two logins with Kerberos, in milliseconds.',
  }),
  'sasl.login.refresh.window.factor': double(0.8, {
    importance: 'medium',
    update: 'per-broker',
    unused: NO_SASL,
    doc: "Part of a credential's life after which it is refreshed.",
  }),
  'sasl.login.refresh.window.jitter': double(0.05, {
    importance: 'medium',
    update: 'per-broker',
    unused: NO_SASL,
    doc: "Random part that is added to the time of a credential's refresh.",
  }),
  'sasl.login.refresh.min.period.seconds': short(60, {
    importance: 'medium',
    update: 'per-broker',
    unused: NO_SASL,
    doc: 'Least time between two refreshes of a credential.',
  }),
  'sasl.login.refresh.buffer.seconds': short(300, {
    importance: 'medium',
    update: 'per-broker',
    unused: NO_SASL,
    doc: "Time before the end of a credential's life that stays free for the refresh.",
  }),
  'sasl.login.connect.timeout.ms': int(null, {
    importance: 'low',
    unused: NO_SASL,
    doc: 'Time that a connection to the identity provider may take to be established.',
  }),
  'sasl.login.read.timeout.ms': int(null, {
    importance: 'low',
    unused: NO_SASL,
    doc: "Time that the identity provider's answer may take.",
  }),
  'sasl.login.retry.backoff.ms': long(100, {
    importance: 'low',
    unused: NO_SASL,
    doc: 'Pause before a failed login is tried again.',
  }),
  'sasl.login.retry.backoff.max.ms': long(10_000, {
    importance: 'low',
    unused: NO_SASL,
    doc: 'Longest pause before a failed login is tried again.',
  }),
  'sasl.oauthbearer.jwt.retriever.class': className(
    'org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever',
    {
      importance: 'medium',
      unused: NO_SASL,
      doc: 'Class that gets tokens.',
    },
  ),
  'sasl.oauthbearer.jwt.validator.class': className(
    'org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator',
    {
      importance: 'medium',
      unused: NO_SASL,
      doc: 'Class that checks tokens.',
    },
  ),
  'sasl.oauthbearer.scope': string(null, {
    importance: 'medium',
    unused: NO_SASL,
    doc: 'Scope to ask tokens for.',
  }),
  'sasl.oauthbearer.scope.claim.name': string('scope', {
    importance: 'low',
    unused: NO_SASL,
    doc: "Claim that holds a token's scope.",
  }),
  'sasl.oauthbearer.sub.claim.name': string('sub', {
    importance: 'low',
    unused: NO_SASL,
    doc: "Claim that holds a token's subject.",
  }),
  'sasl.oauthbearer.client.credentials.client.id': string(null, {
    importance: 'medium',
    unused: NO_SASL,
    doc: 'Client id with which tokens are asked for.',
  }),
  'sasl.oauthbearer.client.credentials.client.secret': password({
    importance: 'medium',
    unused: NO_SASL,
    doc: 'Secret of the client id with which tokens are asked for.',
  }),
  'sasl.oauthbearer.assertion.algorithm': oneOf(['ES256', 'RS256'], 'RS256', {
    anyCase: true,
    importance: 'medium',
    unused: NO_SASL,
    doc: 'Algorithm that signs assertions.',
  }),
  'sasl.oauthbearer.assertion.claim.aud': string(null, {
    importance: 'medium',
    unused: NO_SASL,
    doc: 'Audience claim of an assertion.',
  }),
  'sasl.oauthbearer.assertion.claim.exp.seconds': int(300, {
    atLeast: 0,
    atMost: 86_400,
    importance: 'low',
    unused: NO_SASL,
    doc: 'Life of an assertion.',
  }),
  'sasl.oauthbearer.assertion.claim.iss': string(null, {
    importance: 'medium',
    unused: NO_SASL,
    doc: 'Issuer claim of an assertion.',
  }),
  'sasl.oauthbearer.assertion.claim.jti.include': boolean(false, {
    importance: 'medium',
    unused: NO_SASL,
    doc: 'Whether an assertion has an id of its own.',
  }),
  'sasl.oauthbearer.assertion.claim.nbf.seconds': int(60, {
    atLeast: 0,
    atMost: 3600,
    importance: 'low',
    unused: NO_SASL,
    doc: 'How long before it was made an assertion is valid already.',
  }),
  'sasl.oauthbearer.assertion.claim.sub': string(null, {
    importance: 'medium',
    unused: NO_SASL,
    doc: 'Subject claim of an assertion.',
  }),
  'sasl.oauthbearer.assertion.file': string(null, {
    importance: 'medium',
    unused: NO_SASL,
    doc: 'File with a ready assertion.',
  }),
  'sasl.oauthbearer.assertion.private.key.file': string(null, {
    importance: 'medium',
    unused: NO_SASL,
    doc: 'File with the key that signs assertions.',
  }),
  'sasl.oauthbearer.assertion.private.key.passphrase': password({
    importance: 'medium',
    unused: NO_SASL,
    doc: 'Password of the key that signs assertions.',
  }),
  'sasl.oauthbearer.assertion.template.file': string(null, {
    importance: 'medium',
    unused: NO_SASL,
    doc: 'File with the template of an assertion.',
  }),
  'sasl.oauthbearer.token.endpoint.url': string(null, {
    importance: 'medium',
    unused: NO_SASL,
    doc: 'Where tokens are asked for.',
  }),
  'sasl.oauthbearer.jwks.endpoint.url': string(null, {
    importance: 'medium',
    unused: NO_SASL,
    doc: 'Where the keys that tokens are checked with are found.',
  }),
  'sasl.oauthbearer.jwks.endpoint.refresh.ms': long(3_600_000, {
    importance: 'low',
    unused: NO_SASL,
    doc: 'How often the keys that tokens are checked with are read again.',
  }),
  'sasl.oauthbearer.jwks.endpoint.retry.backoff.ms': long(100, {
    importance: 'low',
    unused: NO_SASL,
    doc: 'Pause before a failed read of the keys that tokens are checked with is tried again.',
  }),
  'sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms': long(10_000, {
    importance: 'low',
    unused: NO_SASL,
    doc: 'Longest pause before a failed read of the keys that tokens are checked with is tried again.',
  }),
  'sasl.oauthbearer.clock.skew.seconds': int(30, {
    importance: 'low',
    unused: NO_SASL,
    doc: "Difference of clocks that is allowed when a token's times are checked.",
  }),
  'sasl.oauthbearer.expected.audience': list('', {
    importance: 'high',
    unused: NO_SASL,
    doc: 'Audiences that a token may be for.',
  }),
  'sasl.oauthbearer.allow.unverified.audience': boolean(false, {
    importance: 'medium',
    unused: NO_SASL,
    doc: 'Whether tokens for any audience are accepted.',
  }),
  'sasl.oauthbearer.expected.issuer': string(null, {
    importance: 'high',
    unused: NO_SASL,
    doc: 'Issuer that a token must be from.',
  }),
  'sasl.oauthbearer.allow.unverified.issuer': boolean(false, {
    importance: 'medium',
    unused: NO_SASL,
    doc: 'Whether tokens from any issuer are accepted.',
  }),
});
