import type { MetadataImage } from '../../controller/image/metadata_image.ts';
import { ConfigResourceType } from '../../settings/config_resource.ts';

/** Whether records are acknowledged before they are on disks: then a power cut may leave nobody who has all of them. */
export function isCached(topic: string, { configs }: MetadataImage): boolean {
  return configs.of({ type: ConfigResourceType.TOPIC, name: topic }).get('write.caching') === 'true';
}
