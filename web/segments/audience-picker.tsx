import { Checkbox, MultiSelect } from '@mantine/core'
import { type Campaign, getCampaign } from '../../src/api/endpoints/campaigns.ts'
import { listLists } from '../../src/api/endpoints/lists.ts'
import { listSegments } from '../../src/api/endpoints/segments.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { Note } from '../ui/note.tsx'
import { AudienceCount } from './audience-count.tsx'
import styles from './segments.module.css'

export type Audience = Campaign['audience']

interface Props {
  readonly audience: Audience
  readonly onChange: (audience: Audience) => void
  /** Why it cannot be changed now. */
  readonly because?: string | null
}

/** Whom a campaign is for: lists and segments, less others, and how many of them would get it now. */
export function AudiencePicker({ audience, onChange, because = null }: Props) {
  if (audience.kind === 'not_opened')
    return (
      <div className={styles.stack}>
        <NotOpened id={audience.campaign_id} />
        {because === null && (
          <ActButton size="compact-sm" variant="default" onClick={() => onChange({ kind: 'lists', lists: audience.lists })}>
            {t.audiencePicker.choosePeople}
          </ActButton>
        )}
        <AudienceCount audience={audience} />
      </div>
    )
  const chosen = asChosen(audience)
  const change = (part: Partial<Chosen>) => onChange(asAudience({ ...chosen, ...part }))
  return (
    <div className={styles.stack}>
      <Sets
        label={t.audiencePicker.goesTo}
        hint={t.audiencePicker.goesToHint}
        lists={chosen.lists}
        segments={chosen.segments}
        isOff={because !== null}
        onChange={(lists, segments) => change({ lists, segments })}
      />
      <Sets
        label={t.audiencePicker.except}
        hint={t.audiencePicker.exceptHint}
        lists={chosen.except_lists}
        segments={chosen.except_segments}
        isOff={because !== null}
        onChange={(except_lists, except_segments) => change({ except_lists, except_segments })}
      />
      {chosen.segments.length + chosen.except_segments.length > 0 && (
        <Checkbox
          label={t.audiencePicker.isLive}
          description={t.audiencePicker.isLiveHint}
          checked={chosen.mode === 'live'}
          disabled={because !== null}
          onChange={(event) => change({ mode: event.currentTarget.checked ? 'live' : 'snapshot' })}
        />
      )}
      {chosen.segments.length > 0 && <p className={styles.quiet}>{t.audiencePicker.consent}</p>}
      <AudienceCount audience={audience} />
    </div>
  )
}

type Chosen = Extract<Audience, { kind: 'segments' }>

function asChosen(audience: Exclude<Audience, { kind: 'not_opened' }>): Chosen {
  if (audience.kind === 'segments') return audience
  return { kind: 'segments', lists: audience.lists, segments: [], except_lists: [], except_segments: [], mode: 'live' }
}

/** Lists alone are said as before. */
function asAudience(chosen: Chosen): Audience {
  const { lists, segments, except_lists, except_segments } = chosen
  return segments.length + except_lists.length + except_segments.length === 0 ? { kind: 'lists', lists } : chosen
}

interface SetsProps {
  readonly label: string
  readonly hint: string
  readonly lists: Chosen['lists']
  readonly segments: Chosen['segments']
  readonly isOff: boolean
  readonly onChange: (lists: Chosen['lists'], segments: Chosen['segments']) => void
}

/** Lists and segments in one field: people think of both as groups of people. */
function Sets({ label, hint, lists, segments, isOff, onChange }: SetsProps) {
  const knownLists = useEndpoint(listLists, {}).data?.items ?? []
  const knownSegments = useEndpoint(listSegments, {}).data?.items ?? []
  const value = [...lists.map((id) => `list:${id}`), ...segments.map((id) => `segment:${id}`)]
  const data = [
    {
      group: t.audiencePicker.lists,
      items: knownLists
        .filter(({ id, is_archived }) => !is_archived || lists.includes(id))
        .map(({ id, name, is_archived }) => ({
          value: `list:${id}`,
          label: is_archived ? t.audiencePicker.archived(name) : name,
        })),
    },
    {
      group: t.audiencePicker.segments,
      items: knownSegments.map(({ id, name }) => ({ value: `segment:${id}`, label: name })),
    },
  ]
  const idsOf = <T extends string>(kind: string, values: readonly string[]) =>
    values.flatMap((one) => (one.startsWith(`${kind}:`) ? [one.slice(kind.length + 1) as T] : []))
  return (
    <MultiSelect
      label={label}
      description={hint}
      placeholder={value.length === 0 ? t.audiencePicker.placeholder : ''}
      data={data}
      value={value}
      disabled={isOff}
      searchable
      clearable
      hidePickedOptions
      nothingFoundMessage={t.audiencePicker.nothing}
      onChange={(values) => onChange(idsOf('list', values), idsOf('segment', values))}
    />
  )
}

function NotOpened({ id }: { id: Id<'campaign'> }) {
  const name = useEndpoint(getCampaign, { id }).data?.campaign.name ?? '…'
  return <Note tone="calm">{t.audiencePicker.notOpened(name)}</Note>
}
