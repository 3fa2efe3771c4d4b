/** Waits for what studies tell: for tests. */
import type { LabClient, StudyInfo, StudyNews } from '../../../core/contract/index.ts';

/** Follows until something has been told; gives it, and stops following. */
export async function follow<T>(
  client: LabClient,
  find: (news: StudyNews) => T | undefined,
): Promise<T> {
  const stop = new AbortController();
  return await new Promise<T>((resolve, reject) => {
    const onProgress = (news: StudyNews) => {
      const found = find(news);
      if (found === undefined) return;
      stop.abort();
      resolve(found);
    };
    client.call('study.follow', {}, { onProgress, signal: stop.signal }).catch(reject);
  });
}

/** A study when it runs no more. */
export function endOf(client: LabClient, id: string): Promise<StudyInfo> {
  return follow(client, (news) =>
    news.studies.find((each) => each.id === id && each.state !== 'running'),
  );
}
