import { Link } from '@tanstack/react-router'
import type { CampaignResults } from '../../../src/api/endpoints/campaign-results.ts'
import { t } from '../../texts/texts.ts'
import { number } from '../../ui/format.ts'
import { Panel } from '../../ui/panel.tsx'
import { Rows } from '../../ui/rows.tsx'
import { measuredColumns } from './columns.tsx'
import { CsvLink } from './csv-link.tsx'
import styles from './results.module.css'

type Class = CampaignResults['classes'][number]
type Variant = CampaignResults['variants'][number]

export function Classes({ campaign, classes }: { campaign: CampaignResults['campaign']; classes: readonly Class[] }) {
  return (
    <Panel title={t.results.classes} flush aside={<CsvLink campaign={campaign} table="classes" name={t.results.classes} />}>
      <div className={styles.rows}>
        <Rows
          label={t.results.classesLabel}
          rows={classes}
          keyOf={(one) => one.class}
          columns={[
            {
              key: 'class',
              header: t.results.class,
              cell: (one: Class) => (
                <Link to="/campaigns/$id" params={{ id: campaign.id }} search={{ tab: 'recipients', class: one.class }}>
                  {inWords(one.class)}
                </Link>
              ),
            },
            {
              key: 'whose',
              header: t.results.columns.what,
              cell: ({ bounced, expired, failed }: Class) => t.results.whose(bounced, expired, failed),
            },
            {
              key: 'n',
              header: t.results.lost,
              end: true,
              cell: ({ bounced, failed, expired }: Class) => number(bounced + failed + expired),
            },
          ]}
        />
      </div>
    </Panel>
  )
}

function inWords(name: string): string {
  const words = name.replaceAll('_', ' ')
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}

export function Variants({ variants }: { variants: readonly Variant[] }) {
  return (
    <Panel title={t.results.variants} flush>
      <div className={styles.rows}>
        <Rows
          label={t.results.variantsLabel}
          rows={variants}
          keyOf={({ letter }) => letter}
          columns={[
            { key: 'letter', header: t.results.variant, cell: ({ letter }: Variant) => letter },
            ...measuredColumns<Variant>(),
          ]}
        />
      </div>
    </Panel>
  )
}
