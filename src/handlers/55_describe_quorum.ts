import { DescribeQuorum } from '../messages/55_describe_quorum.ts';
import { decidedByController } from './decided_by_controller.ts';

export const handleDescribeQuorum = decidedByController(
  DescribeQuorum,
  ({ quorum }, request, { apiVersion }) => quorum.handleDescribeQuorum(request, { version: apiVersion }),
  (_request, { code, message }) => ({
    errorCode: code,
    errorMessage: message,
    topics: [],
    nodes: [],
  }),
);
