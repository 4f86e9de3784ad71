import { screen, waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { useState } from 'react';
import { expect, test } from 'vitest';

import { show } from '@/test/render';
import { server } from '@/test/server';
import { playSocket } from '@/test/socket';

import { useRunFailures } from './useActivity';

playSocket();

const PAGE = 2;

/** Answers as the server does while `failed` films have failed; returns the offsets that are asked for. */
function fail(failed: number) {
  const offsets: number[] = [];
  server.use(
    http.get('/api/jobs/901', ({ request }) => {
      const offset = Number(new URL(request.url).searchParams.get('rowOffset') ?? 0);
      offsets.push(offset);
      const end = Math.min(failed, offset + PAGE);
      const failures = Array.from({ length: end - offset }, (_, index) => ({
        title: `Film ${offset + index}`,
      }));
      return HttpResponse.json({
        success: true,
        data: { run: { failures, nextRowOffset: end < failed ? end : null } },
      });
    }),
  );
  return offsets;
}

function Failures({ failed }: { failed: number }) {
  const { data, fetchNextPage, isFetching } = useRunFailures(901, failed);
  const titles = data?.pages.flatMap((job) => job.run?.failures.map(({ title }) => title) ?? []);
  return (
    <>
      <p aria-busy={isFetching}>{titles?.join(', ') ?? 'nothing'}</p>
      <button onClick={() => void fetchNextPage()}>More</button>
    </>
  );
}

/** The count of failed films as live messages bring it. */
function Growing() {
  const [failed, setFailed] = useState(5);
  return (
    <>
      <Failures failed={failed} />
      <button onClick={() => setFailed((known) => known + 1)}>Fail</button>
    </>
  );
}

test('pages that were loaded stay while more films fail, and these are read', async () => {
  const offsets = fail(5);
  const { user } = show(<Growing />);
  await screen.findByText('Film 0, Film 1');
  await user.click(screen.getByText('More'));
  await screen.findByText('Film 0, Film 1, Film 2, Film 3');
  await user.click(screen.getByText('More'));
  const five = await screen.findByText('Film 0, Film 1, Film 2, Film 3, Film 4');
  expect(offsets).toEqual([0, 2, 4]);

  const again = fail(6);
  await user.click(screen.getByText('Fail'));

  await waitFor(() => expect(five).toHaveTextContent('Film 0, Film 1, Film 2, Film 3, Film 4, Film 5'));
  expect(again).toEqual([0, 2, 4]);
});

test('films that fail during a read are read after it, once', async () => {
  const offsets = fail(1);
  const { user } = show(<Growing />);
  await screen.findByText('Film 0');
  let release: (() => void) | undefined;
  const held = new Promise<void>((end) => (release = end));
  let asked = 0;
  server.use(
    http.get('/api/jobs/901', async () => {
      asked += 1;
      if (asked === 1) await held;
      return HttpResponse.json({
        success: true,
        data: { run: { failures: [{ title: `Answer ${asked}` }], nextRowOffset: null } },
      });
    }),
  );

  for (let times = 0; times < 3; times += 1) await user.click(screen.getByText('Fail'));
  expect(asked).toBe(1);
  release?.();

  expect(await screen.findByText('Answer 2')).toBeInTheDocument();
  expect(asked).toBe(2);
  expect(offsets).toHaveLength(1);
});
