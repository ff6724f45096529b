import type { CampaignResults } from '../../../src/api/endpoints/campaign-results.ts'
import { t } from '../../texts/texts.ts'
import type { Tone } from '../../ui/tone.ts'
import styles from './results.module.css'
import { Share } from './shares.tsx'

interface Line {
  readonly name: string
  readonly n: number
  readonly share: number | null
  readonly tone?: Tone
  readonly note?: string
  /** Left out while it is nothing. */
  readonly isRare?: boolean
}

/** One line a number, in the order in which it happens to a mail. */
export function Summary({ results }: { results: CampaignResults }) {
  const { rates } = results
  const lines = [...sendingLines(results), ...readingLines(results), ...leavingLines(results)]
  return (
    <>
      <p className={styles.basis}>{t.results.basis[rates.basis](rates.of)}</p>
      <dl className={styles.list}>
        {lines
          .filter(({ n, isRare }) => n > 0 || !isRare)
          .map(({ name, n, share, tone, note }) => (
            <div key={name} className={styles.what}>
              <dt className={styles.name}>{name}</dt>
              <dd className={styles.value}>
                <Share n={n} share={share} {...(tone && { tone })} />
              </dd>
              <dd className={styles.note}>{note}</dd>
            </div>
          ))}
      </dl>
    </>
  )
}

function sendingLines({ campaign, figures, rates }: CampaignResults): Line[] {
  const names = t.results.rows
  const ofAll = (n: number) => (campaign.recipients === 0 ? null : Math.min(1, n / campaign.recipients))
  const { reached, delivered, bounced, returned } = figures
  return [
    { name: names.reached, n: reached, share: ofAll(reached), note: t.results.of(reached, campaign.recipients) },
    { name: names.delivered, n: delivered, share: ofAll(delivered), tone: 'good', isRare: true },
    {
      name: names.bounced,
      n: bounced,
      share: rates.bounced,
      tone: 'bad',
      note: returned > 0 ? t.results.returned(returned) : '',
    },
    { name: names.failed, n: figures.failed, share: ofAll(figures.failed), tone: 'bad', isRare: true },
    { name: names.expired, n: figures.expired, share: ofAll(figures.expired), tone: 'bad', isRare: true },
    { name: names.suppressed, n: figures.suppressed, share: ofAll(figures.suppressed), tone: 'calm', isRare: true },
    { name: names.cancelled, n: figures.cancelled, share: ofAll(figures.cancelled), tone: 'calm', isRare: true },
  ]
}

function readingLines({ campaign: { tracking }, figures, rates, opens, clicks }: CampaignResults): Line[] {
  const names = t.results.rows
  const isSeen = (by: { human: number; proxy: number; scanner: number; unknown: number }) =>
    by.human + by.proxy + by.scanner + by.unknown > 0
  const opened =
    tracking.opens || isSeen(figures.opened)
      ? {
          share: rates.opened,
          note: [oftenText(opens.human), apart(figures.opened), t.results.openedHint].filter(Boolean).join(' '),
        }
      : { share: null, note: t.results.notTracked }
  const clicked =
    tracking.clicks || isSeen(figures.clicked)
      ? { share: rates.clicked, note: [oftenText(clicks.human), apart(figures.clicked)].filter(Boolean).join(' ') }
      : { share: null, note: t.results.notTracked }
  return [
    { name: names.opened, n: figures.opened.human, ...opened },
    { name: names.clicked, n: figures.clicked.human, tone: 'good', ...clicked },
    { name: names.replied, n: figures.replied, share: rates.replied, tone: 'good' },
  ]
}

function oftenText(n: number): string {
  return n > 0 ? `${t.results.often(n)}.` : ''
}

function apart({ proxy, scanner, unknown }: { proxy: number; scanner: number; unknown: number }): string {
  return proxy + scanner + unknown === 0 ? '' : t.results.also(t.results.apart(proxy, scanner, unknown))
}

function leavingLines({ figures, rates }: CampaignResults): Line[] {
  const names = t.results.rows
  return [
    { name: names.unsubscribed, n: figures.unsubscribed, share: rates.unsubscribed, tone: 'care' },
    { name: names.complained, n: figures.complained, share: rates.complained, tone: 'bad' },
  ]
}
