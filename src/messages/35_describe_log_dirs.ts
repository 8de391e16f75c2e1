import {
  api,
  array,
  bool,
  int16,
  int32,
  int64,
  type MessageOf,
  message,
  string,
} from '../protocol/schema.ts';

/* Tells what each log directory of a broker holds. */

export const DescribeLogDirsRequest = message(
  { name: 'DescribeLogDirsRequest', key: 35, versions: '1-5', flexible: '2+' },
  {
    topics: array(
      '0+',
      {
        topic: string('0+'),
        partitions: array('0+', 'int32'),
      },
      { nullable: '0+' },
    ),
  },
);
export type DescribeLogDirsRequest = MessageOf<typeof DescribeLogDirsRequest>;

export const DescribeLogDirsResponse = message(
  { name: 'DescribeLogDirsResponse', key: 35, versions: '1-5', flexible: '2+' },
  {
    throttleTimeMs: int32('0+'),
    errorCode: int16('3+', { ignorable: true }),
    results: array('0+', {
      errorCode: int16('0+'),
      logDir: string('0+'),
      topics: array('0+', {
        name: string('0+'),
        partitions: array('0+', {
          partitionIndex: int32('0+'),
          partitionSize: int64('0+'),
          offsetLag: int64('0+'),
          isFutureKey: bool('0+'),
        }),
      }),
      totalBytes: int64('4+', { default: -1n, ignorable: true }),
      usableBytes: int64('4+', { default: -1n, ignorable: true }),
      isCordoned: bool('5+', { default: false, ignorable: true }),
    }),
  },
);
export type DescribeLogDirsResponse = MessageOf<typeof DescribeLogDirsResponse>;

export const DescribeLogDirs = api({
  key: 35,
  name: 'DescribeLogDirs',
  listeners: ['broker'],
  request: DescribeLogDirsRequest,
  response: DescribeLogDirsResponse,
});
