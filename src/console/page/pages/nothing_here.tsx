import { Empty } from '../components/states.tsx';
import { PageHead } from '../shell/page_head.tsx';
import { linkTo } from '../state/route.ts';

export function NothingHere() {
  return (
    <>
      <PageHead title="There is nothing here" />
      <Empty title="This address leads to no page of the console">
        <p>
          It may have been cut on its way to you. <a href={linkTo([])}>Begin at the overview</a>.
        </p>
      </Empty>
    </>
  );
}
