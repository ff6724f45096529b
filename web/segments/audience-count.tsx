import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type Campaign, countCampaignAudience } from '../../src/api/endpoints/campaigns.ts'
import { call, type Problem } from '../api.ts'
import { useMe, whyNot } from '../me.ts'
import { keyOf } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Note } from '../ui/note.tsx'
import styles from './segments.module.css'

const SETTLES_MS = 400

/** How many of an audience would get a campaign at this moment, and why others would not. */
export function useAudienceCount(audience: Campaign['audience']) {
  const mayCount = whyNot(useMe(), 'campaigns.manage') === null
  const [settled] = useDebouncedValue(audience, SETTLES_MS, { leading: true })
  const isChosen =
    settled.kind === 'not_opened' || settled.lists.length + (settled.kind === 'segments' ? settled.segments.length : 0) > 0
  return useQuery({
    queryKey: keyOf(countCampaignAudience, settled),
    queryFn: ({ signal }) => call(countCampaignAudience, { body: { audience: settled } }, signal),
    enabled: mayCount && isChosen,
    ...(isChosen && { placeholderData: keepPreviousData }),
    retry: false,
  })
}

export function AudienceCount({ audience }: { audience: Campaign['audience'] }) {
  const { data, error, isFetching, fetchStatus } = useAudienceCount(audience)
  if (error) return <Note tone="bad">{(error as Problem).message}</Note>
  if (!data) return <p className={styles.quiet}>{fetchStatus === 'idle' ? t.audiencePicker.nobody : t.audiencePicker.counting}</p>
  return (
    <div className={styles.count} role="status" aria-busy={isFetching} data-dim={isFetching || undefined}>
      <div>
        <b className={styles.number}>{t.audiencePicker.wouldGet(data.would_get)}</b>{' '}
        <span className={styles.quiet}>{t.audiencePicker.of(data.candidates)}</span>
      </div>
      {data.excluded.length > 0 && (
        <>
          <div className={styles.quiet}>{t.audiencePicker.excluded}</div>
          <ul className={styles.reasons}>
            {data.excluded.map(({ reason, n }) => (
              <li key={reason}>
                <b>{n.toLocaleString('en')}</b> {t.audiencePicker.reasons[reason]}{' '}
                {reason === 'malformed' && <Link to="/contacts/repair">{t.audiencePicker.repair}</Link>}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}
