/* Who may do what. */

import { noAuthorizer } from '../parsers.ts';
import { className, custom, list, long, password, string, table } from '../setting.ts';
import { NO_AUTHORIZER, NO_PLUGINS, NO_PROVIDERS, NO_SASL, NO_TOKENS } from './unused.ts';

export const SECURITY_SETTINGS = table({
  'authorizer.class.name': custom('string', '', noAuthorizer, {
    importance: 'low',
    unused: NO_AUTHORIZER,
    doc: 'Class that decides who may do what.',
  }),
  'principal.builder.class': className(
    'org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder',
    {
      importance: 'medium',
      update: 'per-broker',
      unused: NO_PLUGINS,
      doc: "Class that makes a principal of a connection's identity.",
    },
  ),
  'security.providers': string(null, {
    importance: 'low',
    unused: NO_PLUGINS,
    doc: 'Classes that provide security algorithms.',
  }),
  'connections.max.reauth.ms': long(0, {
    importance: 'medium',
    unused: NO_SASL,
    doc: 'Time after which a client must authenticate again; 0 for never.',
  }),
  'config.providers': list('', {
    importance: 'low',
    update: 'cluster-wide',
    unused: NO_PROVIDERS,
    doc: 'Providers that replace variables in values.',
  }),
  'delegation.token.secret.key': password({
    importance: 'medium',
    unused: NO_TOKENS,
    doc: 'Secret with which delegation tokens are made, the same on every node.',
  }),
  'delegation.token.max.lifetime.ms': long(604_800_000, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_TOKENS,
    doc: 'Longest life of a delegation token, however often it is renewed.',
  }),
  'delegation.token.expiry.time.ms': long(86_400_000, {
    atLeast: 1,
    importance: 'medium',
    unused: NO_TOKENS,
    doc: 'Life of a delegation token that is not renewed.',
  }),
  'delegation.token.expiry.check.interval.ms': long(3_600_000, {
    atLeast: 1,
    importance: 'low',
    unused: NO_TOKENS,
    doc: 'How often expired delegation tokens are looked for.',
  }),
});
