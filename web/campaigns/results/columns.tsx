import type { CampaignFigures, CampaignRates } from '../../../src/api/endpoints/campaign-results.ts'
import { t } from '../../texts/texts.ts'
import { number } from '../../ui/format.ts'
import styles from './results.module.css'
import { percent } from './shares.tsx'

interface Measured {
  readonly figures: CampaignFigures
  readonly rates: CampaignRates
}

/** The columns that receivers, versions and whole campaigns have in common. */
export function measuredColumns<Row extends Measured>() {
  const names = t.results.rows
  const column = (key: string, header: string, n: (row: Row) => number, share: (row: Row) => number | null) => ({
    key,
    header,
    end: true,
    cell: (row: Row) => <Both n={n(row)} share={share(row)} />,
  })
  return [
    column(
      'reached',
      names.reached,
      ({ figures }) => figures.reached,
      () => null,
    ),
    column(
      'bounced',
      names.bounced,
      ({ figures }) => figures.bounced,
      ({ rates }) => rates.bounced,
    ),
    column(
      'opened',
      names.opened,
      ({ figures }) => figures.opened.human,
      ({ rates }) => rates.opened,
    ),
    column(
      'clicked',
      names.clicked,
      ({ figures }) => figures.clicked.human,
      ({ rates }) => rates.clicked,
    ),
    column(
      'replied',
      names.replied,
      ({ figures }) => figures.replied,
      ({ rates }) => rates.replied,
    ),
    column(
      'unsubscribed',
      names.unsubscribed,
      ({ figures }) => figures.unsubscribed,
      ({ rates }) => rates.unsubscribed,
    ),
    column(
      'complained',
      names.complained,
      ({ figures }) => figures.complained,
      ({ rates }) => rates.complained,
    ),
  ]
}

function Both({ n, share }: { n: number; share: number | null }) {
  return (
    <span className={styles.both}>
      {number(n)}
      {share !== null && n > 0 && <span className={styles.percent}>{percent(share)}</span>}
    </span>
  )
}
