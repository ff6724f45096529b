import { Button, Switch, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { CalendarClock, RotateCw, Send } from 'lucide-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { getCampaignReadiness } from '../../../src/api/endpoints/campaign-pages.ts'
import { type Campaign, getCampaign } from '../../../src/api/endpoints/campaigns.ts'
import { checkCampaignContent } from '../../../src/api/endpoints/content.ts'
import type { Id } from '../../../src/lib/ids.ts'
import { ContentChecks } from '../../content/checks.tsx'
import { ContentEditor } from '../../content/content-editor.tsx'
import { TestToSeeds } from '../../content/test-to-seeds.tsx'
import { useMe, whyNot } from '../../me.ts'
import { Conflict, Saved } from '../../parts/saving.tsx'
import { keyOf, useEndpoint } from '../../query.ts'
import { AudiencePicker } from '../../segments/audience-picker.tsx'
import { NotFound } from '../../shell/crashed.tsx'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { Loadable } from '../../ui/loadable.tsx'
import { Note } from '../../ui/note.tsx'
import { Page } from '../../ui/page.tsx'
import { Panel } from '../../ui/panel.tsx'
import { PaceFields } from '../pace-fields.tsx'
import { Checklist } from './checklist.tsx'
import styles from './edit.module.css'
import { EDIT_PANELS, type PanelProps } from './panels.ts'
import { ScheduleDialog } from './schedule-dialog.tsx'
import { SendDialog } from './send-dialog.tsx'
import { SenderFields } from './sender-fields.tsx'
import { useDraft } from './use-draft.ts'

const route = getRouteApi('/shell/campaigns/$id/edit')

export function EditCampaignPage() {
  const id = route.useParams().id as Id<'campaign'>
  const query = useEndpoint(getCampaign, { id })
  if (query.error && (query.error.status === 404 || query.error.status === 422)) return <NotFound />
  if (!query.data)
    return (
      <Page title={t.campaigns.acts.edit} shape="narrow">
        <Loadable query={query}>{() => null}</Loadable>
      </Page>
    )
  const { campaign } = query.data
  return campaign.actions.includes('edit') ? <Editor key={id} campaign={campaign} /> : <UnderWay campaign={campaign} />
}

function UnderWay({ campaign: { id, name } }: { campaign: Campaign }) {
  const act = (
    <Link to="/campaigns/$id" params={{ id }} search={{}}>
      {t.campaigns.edit.toPage}
    </Link>
  )
  return (
    <Page title={t.campaigns.edit.title(name)} shape="narrow">
      <Note tone="calm" act={act}>
        {t.campaigns.edit.notDraft}
      </Note>
    </Page>
  )
}

function Editor({ campaign }: { campaign: Campaign }) {
  const { draft, state, problem, change, flush, settle } = useDraft(campaign)
  const [opened, open] = useState<'send' | 'schedule' | null>(null)
  const me = useMe()
  const because = whyNot(me, 'campaigns.send')
  const says = t.campaigns.edit
  const { id } = campaign
  /** What was typed last is part of what is sent. */
  const openSaved = async (which: 'send' | 'schedule') => {
    if (await flush()) open(which)
  }
  const panel: PanelProps = { campaign: draft, onChange: change }
  return (
    <Page
      title={says.title(draft.name)}
      tab={draft.name}
      lead={
        <Link to="/campaigns/$id" params={{ id }} search={{}}>
          {says.back}
        </Link>
      }
      acts={
        <>
          <Saved state={state} />
          <ActButton
            variant="default"
            because={because}
            leftSection={<CalendarClock size={15} aria-hidden />}
            onClick={() => void openSaved('schedule')}
          >
            {says.schedule}
          </ActButton>
          <ActButton because={because} leftSection={<Send size={15} aria-hidden />} onClick={() => void openSaved('send')}>
            {says.send}
          </ActButton>
        </>
      }
    >
      <div className={styles.stack}>
        {state === 'conflict' && <Conflict says={says.conflict} settle={settle} />}
        {state === 'wrong' && problem && (
          <Note tone="bad" alert>
            {problem.message}
          </Note>
        )}
        {whyNot(me, 'campaigns.manage') && <Note tone="calm">{whyNot(me, 'campaigns.manage')}</Note>}
        <Panels panel={panel} />
        <Before campaign={campaign} />
      </div>
      {opened === 'send' && <SendDialog id={id} onClose={() => open(null)} />}
      {opened === 'schedule' && <ScheduleDialog id={id} name={draft.name} onClose={() => open(null)} />}
    </Page>
  )
}

function Panels({ panel }: { panel: PanelProps }) {
  const { campaign: draft, onChange } = panel
  const says = t.campaigns.edit
  return (
    <>
      <Panel title={says.about}>
        <div className={styles.fields}>
          <TextInput
            label={says.name}
            description={says.nameHint}
            maxLength={200}
            value={draft.name}
            onChange={(event) => onChange({ name: event.currentTarget.value })}
          />
          <SenderFields {...panel} />
        </div>
      </Panel>
      <Panel title={says.audience}>
        <AudiencePicker audience={draft.audience} onChange={(audience) => onChange({ audience })} />
      </Panel>
      <Panel title={says.content}>
        <ContentEditor
          content={draft.content}
          campaignId={draft.id}
          campaignName={draft.name}
          onChange={(content) => onChange({ content })}
        />
      </Panel>
      <Panel title={says.pace}>
        <div className={styles.fields}>
          <PaceFields pace={draft.pace} onChange={(pace) => onChange({ pace })} />
          <Switch
            label={says.opens}
            checked={draft.tracking.opens === true}
            onChange={(event) => onChange({ tracking: { ...draft.tracking, opens: event.currentTarget.checked } })}
          />
          <Switch
            label={says.clicks}
            description={says.trackingHint}
            checked={draft.tracking.clicks === true}
            onChange={(event) => onChange({ tracking: { ...draft.tracking, clicks: event.currentTarget.checked } })}
          />
        </div>
      </Panel>
      {EDIT_PANELS.map(({ id, title, Panel: Extra }) => (
        <Panel key={id} title={title}>
          <Extra {...panel} />
        </Panel>
      ))}
    </>
  )
}

/** Nobody who types is waited for: what is looked at follows what was saved a moment ago. */
const LOOKS_AFTER_MS = 2_500

/** What is looked at before it is sent, and a mail to try it. */
function Before({ campaign: { id, version, ab } }: { campaign: Campaign }) {
  const client = useQueryClient()
  const query = useEndpoint(getCampaignReadiness, { id }, { keep: true })
  const seen = useRef(version)
  const again = useCallback(() => {
    for (const looked of [getCampaignReadiness, checkCampaignContent]) void client.invalidateQueries({ queryKey: keyOf(looked) })
  }, [client])
  useEffect(() => {
    if (seen.current === version) return
    const timer = window.setTimeout(() => {
      seen.current = version
      again()
    }, LOOKS_AFTER_MS)
    return () => window.clearTimeout(timer)
  }, [version, again])
  return (
    <>
      <Panel
        title={t.campaigns.edit.checklist}
        aside={
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<RotateCw size={13} aria-hidden />}
            loading={query.isFetching}
            onClick={again}
          >
            {t.campaigns.edit.checksAgain}
          </Button>
        }
      >
        <Loadable query={query}>{({ checks }) => <Checklist checks={checks} />}</Loadable>
        <ContentChecks campaignId={id} versions={(ab?.variants.length ?? 0) + 1} />
      </Panel>
      <Panel title={t.campaigns.edit.test}>
        <TestToSeeds campaignId={id} />
      </Panel>
    </>
  )
}
