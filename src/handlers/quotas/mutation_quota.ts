import type { ChargeMutations } from '../../controller/mutation_charge.ts';
import { Errors } from '../../model/error_codes.ts';
import { Failure, failed } from '../../model/failure.ts';
import type { ControllerNode } from '../controller_channel.ts';
import type { RequestContext } from '../request_context.ts';

interface MutationRequest {
  readonly context: RequestContext;
  /** From this version on a client is refused as long as it is in debt; before, it is only made to wait afterwards. */
  readonly strictSince: number;
}

/** Has a request decided that creates or deletes partitions, within what the quota of its client allows. */
export async function withMutationQuota<Response extends { readonly throttleTimeMs?: number | undefined }>(
  { quotas }: ControllerNode,
  { context, strictSince }: MutationRequest,
  decide: (charge: ChargeMutations) => Promise<Response | Failure>,
): Promise<Response | Failure> {
  let throttleTimeMs = 0;
  const charge: ChargeMutations = partitions => {
    const debtMs = context.apiVersion >= strictSince ? quotas.mutationDebtMs(context) : 0;
    if (debtMs > 0) {
      throttleTimeMs = Math.max(throttleTimeMs, debtMs);
      const text = `The client has had more partitions created and deleted than controller_mutation_rate allows: try again in ${debtMs} ms`;
      return new Failure(Errors.THROTTLING_QUOTA_EXCEEDED, text);
    }
    throttleTimeMs = Math.max(throttleTimeMs, quotas.mutated(partitions, context));
    return undefined;
  };
  const response = await decide(charge);
  return failed(response) || throttleTimeMs === 0 ? response : { ...response, throttleTimeMs };
}
