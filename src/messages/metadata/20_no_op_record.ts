import { type MessageOf, message } from '../../protocol/schema.ts';

/* Nothing; shows that the controller is alive (KIP-835). */

export const NoOpRecord = message({ name: 'NoOpRecord', key: 20, versions: '0', flexible: '0+' }, {});
export type NoOpRecord = MessageOf<typeof NoOpRecord>;
