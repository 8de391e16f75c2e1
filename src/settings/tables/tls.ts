/* TLS. */

import { boolean, className, list, oneOf, password, string, table } from '../setting.ts';
import { NO_TLS } from './unused.ts';

export const TLS_SETTINGS = table({
  'ssl.client.auth': oneOf(['required', 'requested', 'none'], 'none', {
    importance: 'medium',
    update: 'per-broker',
    unused: NO_TLS,
    doc: 'Whether clients must, may or do not present a certificate.',
  }),
  'ssl.principal.mapping.rules': string('DEFAULT', {
    importance: 'low',
    unused: NO_TLS,
    doc: 'Rules that make a principal of the name in a certificate.',
  }),
  'ssl.allow.dn.changes': boolean(false, {
    importance: 'low',
    unused: NO_TLS,
    doc: 'Whether a new certificate may have another distinguished name.',
  }),
  'ssl.allow.san.changes': boolean(false, {
    importance: 'low',
    unused: NO_TLS,
    doc: 'Whether a new certificate may have other alternative names.',
  }),
  'ssl.protocol': string('TLSv1.3', {
    importance: 'medium',
    update: 'per-broker',
    unused: NO_TLS,
    doc: 'Version of TLS by which contexts are made.',
  }),
  'ssl.provider': string(null, {
    importance: 'medium',
    update: 'per-broker',
    unused: NO_TLS,
    doc: 'Security provider of TLS connections.',
  }),
  'ssl.enabled.protocols': list('TLSv1.2,TLSv1.3', {
    importance: 'medium',
    update: 'per-broker',
    unused: NO_TLS,
    doc: 'Versions of TLS that are accepted.',
  }),
  'ssl.keystore.type': string('JKS', {
    importance: 'medium',
    update: 'per-broker',
    unused: NO_TLS,
    doc: 'Format of the key store.',
  }),
  'ssl.keystore.location': string(null, {
    importance: 'medium',
    update: 'per-broker',
    unused: NO_TLS,
    doc: 'File of the key store.',
  }),
  'ssl.keystore.password': password({
    importance: 'medium',
    update: 'per-broker',
    unused: NO_TLS,
    doc: 'Password of the key store.',
  }),
  'ssl.key.password': password({
    importance: 'medium',
    update: 'per-broker',
    unused: NO_TLS,
    doc: 'Password of the private key.',
  }),
  'ssl.keystore.key': password({
    importance: 'medium',
    update: 'per-broker',
    unused: NO_TLS,
    doc: 'The private key itself, as PEM.',
  }),
  'ssl.keystore.certificate.chain': password({
    importance: 'medium',
    update: 'per-broker',
    unused: NO_TLS,
    doc: 'The certificate chain itself, as PEM.',
  }),
  'ssl.truststore.type': string('JKS', {
    importance: 'medium',
    update: 'per-broker',
    unused: NO_TLS,
    doc: 'Format of the trust store.',
  }),
  'ssl.truststore.location': string(null, {
    importance: 'medium',
    update: 'per-broker',
    unused: NO_TLS,
    doc: 'File of the trust store.',
  }),
  'ssl.truststore.password': password({
    importance: 'medium',
    update: 'per-broker',
    unused: NO_TLS,
    doc: 'Password of the trust store.',
  }),
  'ssl.truststore.certificates': password({
    importance: 'medium',
    update: 'per-broker',
    unused: NO_TLS,
    doc: 'The trusted certificates themselves, as PEM.',
  }),
  'ssl.keymanager.algorithm': string('SunX509', {
    importance: 'medium',
    update: 'per-broker',
    unused: NO_TLS,
    doc: 'Algorithm that chooses among keys.',
  }),
  'ssl.trustmanager.algorithm': string('PKIX', {
    importance: 'medium',
    update: 'per-broker',
    unused: NO_TLS,
    doc: 'Algorithm that checks certificates.',
  }),
  'ssl.endpoint.identification.algorithm': string('https', {
    importance: 'low',
    update: 'per-broker',
    unused: NO_TLS,
    doc: "How a server's name is checked against its certificate; empty for not at all.",
  }),
  'ssl.secure.random.implementation': string(null, {
    importance: 'low',
    update: 'per-broker',
    unused: NO_TLS,
    doc: 'Source of random numbers for TLS.',
  }),
  'ssl.cipher.suites': list('', {
    importance: 'medium',
    update: 'per-broker',
    unused: NO_TLS,
    doc: "Cipher suites that are accepted; empty for the library's own.",
  }),
  'ssl.engine.factory.class': className(null, {
    importance: 'low',
    update: 'per-broker',
    unused: NO_TLS,
    doc: 'Class that makes TLS engines.',
  }),
});
