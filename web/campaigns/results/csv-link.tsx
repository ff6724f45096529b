import { Download } from 'lucide-react'
import { type CampaignResults, downloadCampaignTable } from '../../../src/api/endpoints/campaign-results.ts'
import type { Table } from '../../../src/insight/analytics/figures.ts'
import { hrefOf } from '../../api.ts'
import { t } from '../../texts/texts.ts'
import styles from './results.module.css'

interface Props {
  readonly campaign: Pick<CampaignResults['campaign'], 'id'>
  readonly table: Table
  readonly name: string
}

export function CsvLink({ campaign, table, name }: Props) {
  return (
    <a
      className={styles.csv}
      href={hrefOf(downloadCampaignTable, { id: campaign.id, table })}
      download
      aria-label={t.results.csvOf(name)}
    >
      <Download size={14} aria-hidden="true" /> {t.results.csv}
    </a>
  )
}
