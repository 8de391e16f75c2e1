import { DescribeQuorum } from '../messages/55_describe_quorum.ts';
import { decidedByController } from './decided_by_controller.ts';

export const handleDescribeQuorum = decidedByController(
  DescribeQuorum,
  ({ quorum }, request, version) => quorum.handleDescribeQuorum(request, { version }),
  (_request, { code, message }) => ({
    errorCode: code,
    errorMessage: message,
    topics: [],
    nodes: [],
  }),
);
