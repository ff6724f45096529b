import {
  type CampaignAtReceiver,
  type CampaignResults,
  listCampaignReceivers,
} from '../../../src/api/endpoints/campaign-results.ts'
import { receiverName } from '../../parts/receiver-name.ts'
import { useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { Loadable } from '../../ui/loadable.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Rows } from '../../ui/rows.tsx'
import { measuredColumns } from './columns.tsx'
import { CsvLink } from './csv-link.tsx'
import styles from './results.module.css'

/** Receivers that have no name of their own here. */
const OTHER = 'other'

export function Receivers({ campaign, everyMs }: { campaign: CampaignResults['campaign']; everyMs: number }) {
  const query = useEndpoint(listCampaignReceivers, { id: campaign.id }, { everyMs })
  return (
    <Panel title={t.results.receivers} flush aside={<CsvLink campaign={campaign} table="receivers" name={t.results.receivers} />}>
      <Loadable query={query}>
        {({ items }) => (
          <div className={styles.rows}>
            <Rows
              label={t.results.receiversLabel}
              rows={items}
              keyOf={({ receiver }) => receiver}
              columns={[
                {
                  key: 'receiver',
                  header: t.results.receiver,
                  cell: ({ receiver }: CampaignAtReceiver) =>
                    receiver === OTHER ? t.results.otherReceivers : receiverName(receiver),
                },
                ...measuredColumns<CampaignAtReceiver>(),
              ]}
            />
          </div>
        )}
      </Loadable>
    </Panel>
  )
}
