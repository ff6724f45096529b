import { Button } from '@mantine/core'
import { useState } from 'react'
import { type CampaignLink, type CampaignResults, listCampaignLinks } from '../../../src/api/endpoints/campaign-results.ts'
import { useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { number } from '../../ui/format.ts'
import { Loadable } from '../../ui/loadable.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Rows } from '../../ui/rows.tsx'
import { CsvLink } from './csv-link.tsx'
import styles from './results.module.css'
import { LinkName } from './shares.tsx'

const SHOWN = 10

export function Links({ campaign, everyMs }: { campaign: CampaignResults['campaign']; everyMs: number }) {
  const query = useEndpoint(listCampaignLinks, { id: campaign.id }, { everyMs })
  const hasLinks = (query.data?.items.length ?? 0) > 0
  return (
    <Panel
      title={t.results.links}
      flush={hasLinks}
      aside={hasLinks && <CsvLink campaign={campaign} table="links" name={t.results.links} />}
    >
      <Loadable query={query}>{({ items }) => <LinkRows links={items} />}</Loadable>
    </Panel>
  )
}

function LinkRows({ links }: { links: readonly CampaignLink[] }) {
  const [isWhole, setWhole] = useState(false)
  if (links.length === 0) return <p className={styles.empty}>{t.results.noLinks}</p>
  const most = Math.max(1, ...links.map(({ people }) => people.human))
  return (
    <>
      <div className={styles.rows}>
        <Rows
          label={t.results.linksLabel}
          rows={isWhole ? links : links.slice(0, SHOWN)}
          keyOf={({ url }) => url}
          columns={[
            { key: 'url', header: t.results.link, cell: ({ url }: CampaignLink) => <LinkName url={url} /> },
            {
              key: 'people',
              header: t.results.clickers,
              end: true,
              cell: ({ people }: CampaignLink) => <Bar n={people.human} most={most} />,
            },
            { key: 'clicks', header: t.results.clicks, end: true, cell: ({ clicks }: CampaignLink) => number(clicks.human) },
            {
              key: 'programs',
              header: t.results.byPrograms,
              end: true,
              cell: ({ clicks }: CampaignLink) => number(clicks.scanner + clicks.proxy + clicks.unknown),
            },
          ]}
        />
      </div>
      {links.length > SHOWN && (
        <div className={styles.more}>
          <Button size="compact-sm" variant="default" onClick={() => setWhole(!isWhole)}>
            {isWhole ? t.results.showFewer : t.results.showAll(links.length)}
          </Button>
        </div>
      )}
    </>
  )
}

/** As long as its part of the most. */
function Bar({ n, most }: { n: number; most: number }) {
  return (
    <span className={styles.bar}>
      {number(n)}
      <span className={styles.track} aria-hidden="true" data-tone="good">
        <span className={styles.fill} style={{ width: `${(n / most) * 100}%` }} />
      </span>
    </span>
  )
}
