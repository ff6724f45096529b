import { Trophy } from 'lucide-react'
import { type CampaignTestResult, chooseCampaignWinner, getCampaignTest } from '../../../src/api/endpoints/campaign-tests.ts'
import { type Campaign, getCampaign, listCampaigns } from '../../../src/api/endpoints/campaigns.ts'
import { useMe, whyNot } from '../../me.ts'
import { useAction, useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { useAsk } from '../../ui/ask.tsx'
import { Badge } from '../../ui/badge.tsx'
import { number } from '../../ui/format.ts'
import { Loadable } from '../../ui/loadable.tsx'
import { Note } from '../../ui/note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { When } from '../../ui/time.tsx'
import { toast } from '../../ui/toasts.tsx'
import styles from './extra.module.css'

const AGAIN_MS = 10_000

/** How the versions do, which one the rest gets and how sure that is; or the choice. */
export function TestOfVersions({ campaign }: { campaign: Campaign }) {
  const { id, state, ab } = campaign
  const isMoving = state === 'sending' || state === 'preparing'
  const query = useEndpoint(getCampaignTest, { id }, { enabled: ab !== null, ...(isMoving && { everyMs: AGAIN_MS }) })
  if (!ab) return null
  return (
    <Panel title={t.campaignSettings.ab.result}>
      <Loadable query={query}>{(test) => <Result campaign={campaign} test={test} />}</Loadable>
    </Panel>
  )
}

function Result({ campaign, test }: { campaign: Campaign; test: CampaignTestResult }) {
  const says = t.campaignSettings.ab
  const { columns } = says
  const mayChoose = campaign.actions.includes('choose_winner')
  const share = (n: number, of: number) => (of === 0 ? number(n) : `${number(n)} (${Math.round((n / of) * 100)} %)`)
  return (
    <div className={styles.stack}>
      <div className={styles.scrolls}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{columns.version}</th>
              <th scope="col">{columns.sent}</th>
              <th scope="col">{columns.opened}</th>
              <th scope="col">{columns.clicked}</th>
              <th scope="col">{columns.replied}</th>
              {mayChoose && (
                <th scope="col">
                  <span className="visually-hidden">{columns.act}</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {test.variants.map((one) => (
              <tr key={one.variant}>
                <th scope="row">
                  <b>{one.variant}</b> {test.winner === one.variant && <Badge tone="good" icon={Trophy} label={says.winner} />}
                  <small>
                    {one.subject}
                    <br />
                    {one.sender}
                  </small>
                </th>
                <td data-label={columns.sent}>{number(one.sent)}</td>
                <td data-label={columns.opened}>{share(one.opened, one.sent)}</td>
                <td data-label={columns.clicked}>{share(one.clicked, one.sent)}</td>
                <td data-label={columns.replied}>{share(one.replied, one.sent)}</td>
                {mayChoose && (
                  <td>
                    <Choose campaign={campaign} variant={one.variant} rest={test.rest} />
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Verdict test={test} />
      <p className={styles.quiet}>{says.peopleOnly}</p>
    </div>
  )
}

function Verdict({ test }: { test: CampaignTestResult }) {
  const says = t.campaignSettings.ab
  if (test.decision) {
    const isSure = test.decision.how === 'clear' || test.decision.how === 'chosen'
    return <Note tone={isSure ? 'good' : 'care'}>{test.decision.sentence}</Note>
  }
  if (test.question) return <Note tone="care">{test.question}</Note>
  if (test.share === 100) return <p className={styles.quiet}>{says.noRest}</p>
  return (
    <p className={styles.quiet} role="status">
      {test.rest > 0 && `${says.waits(test.rest)} `}
      {test.measure === 'by_hand' ? (
        says.byHand
      ) : test.decides_at ? (
        <>
          {says.decides} <When at={test.decides_at} />.
        </>
      ) : (
        says.sending
      )}
    </p>
  )
}

function Choose({ campaign: { id }, variant, rest }: { campaign: Campaign; variant: string; rest: number }) {
  const ask = useAsk()
  const says = t.campaignSettings.ab
  const choose = useAction(chooseCampaignWinner, {
    changes: [getCampaign, getCampaignTest, listCampaigns],
    onDone: () => toast('good', says.chosen(variant)),
  })
  async function sure() {
    const question = { title: says.chooseTitle(variant), body: says.chooseBody(rest), act: says.choose(variant) }
    if (await ask(question)) choose.mutate({ params: { id }, body: { variant } })
  }
  return (
    <ActButton
      size="xs"
      variant="default"
      because={whyNot(useMe(), 'campaigns.send')}
      loading={choose.isPending}
      onClick={() => void sure()}
    >
      {says.choose(variant)}
    </ActButton>
  )
}
