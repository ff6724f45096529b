import { SegmentedControl, TextInput } from '@mantine/core'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import {
  changeSegment,
  createSegment,
  getSegment,
  listSegments,
  lookAtSegment,
  removeSegment,
  type Segment,
} from '../../src/api/endpoints/segments.ts'
import type { Tree } from '../../src/contacts/segments/segment.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useMe, whyNot } from '../me.ts'
import { Conflict } from '../parts/saving.tsx'
import { useEdited } from '../parts/use-edited.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { Ago } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import { JsonView } from './json-view.tsx'
import { LiveCount } from './live-count.tsx'
import styles from './segments.module.css'
import { newKey, TreeEditor } from './tree-editor.tsx'
import { type Group, isFinished, leavesOf, toRoot, toTree } from './tree-model.ts'
import { type Asked, Why } from './why.tsx'

const route = getRouteApi('/shell/segments/$id')
export const NEW = 'new'

export function SegmentPage() {
  const { id } = route.useParams()
  return id === NEW ? <Editor segment={null} /> : <Existing id={id as Id<'segment'>} />
}

function Existing({ id }: { readonly id: Id<'segment'> }) {
  const query = useEndpoint(getSegment, { id })
  if (query.data) return <Editor key={id} segment={query.data} />
  return (
    <Page title={t.segments.title}>
      <Loadable query={query}>{() => null}</Loadable>
    </Page>
  )
}

interface Draft {
  readonly name: string
  readonly kind: Segment['kind']
  readonly root: Group
}

const SEGMENT = {
  draftOf: (segment: Segment | null): Draft => ({
    name: segment?.name ?? '',
    kind: segment?.kind ?? 'live',
    root: toRoot(segment?.tree ?? { all: [] }, newKey),
  }),
  versionOf: (segment: Segment | null) => segment?.version ?? 0,
}

function Editor({ segment }: { readonly segment: Segment | null }) {
  const edited = useEdited(SEGMENT, segment)
  const { name, kind, root } = edited.draft
  const [about, setAbout] = useState<Asked | null>(null)
  const isWhole = leavesOf(root).every(isFinished)
  const tree = isWhole ? toTree(root) : null
  return (
    <Page
      title={segment?.name ?? t.segments.add}
      lead={segment ? `${t.segments.kinds[segment.kind]}. ${t.segments.kindHints[segment.kind]}` : t.segments.lead}
      acts={
        <Acts
          segment={segment}
          draft={edited.draft}
          version={edited.version}
          isBehind={edited.isBehind}
          tree={tree}
          onSaved={edited.saved}
        />
      }
    >
      {edited.isBehind && <Conflict says={t.segments.conflict} settle={edited.settle} />}
      <div className={styles.columns}>
        <div className={styles.stack}>
          <Naming takenAt={segment?.taken_at ?? null} name={name} kind={kind} set={edited.set} />
          <Conditions root={root} setRoot={(next) => edited.set({ root: next })} />
        </div>
        <div className={styles.aside}>
          <Panel title={t.segments.who}>
            <LiveCount tree={tree} onWhy={setAbout} />
          </Panel>
          <Panel title={t.segments.why}>
            <Why tree={tree} about={about} onAsk={setAbout} />
          </Panel>
        </div>
      </div>
    </Page>
  )
}

interface NamingProps {
  readonly takenAt: Date | null
  readonly name: string
  readonly kind: Segment['kind']
  readonly set: (said: Partial<Draft>) => void
}

function Naming({ takenAt, name, kind, set }: NamingProps) {
  return (
    <div className={styles.naming}>
      <TextInput
        label={t.segments.name}
        required
        maxLength={100}
        value={name}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <div>
        <SegmentedControl
          aria-label={t.segments.kind}
          data={(['live', 'snapshot'] as const).map((value) => ({ value, label: t.segments.kinds[value] }))}
          value={kind}
          onChange={(value) => set({ kind: value as Segment['kind'] })}
        />
        <p className={styles.quiet}>
          {t.segments.kindHints[kind]}{' '}
          {takenAt && (
            <>
              {t.segments.takenAt} <Ago at={takenAt} />.
            </>
          )}
        </p>
      </div>
    </div>
  )
}

function Conditions({ root, setRoot }: { readonly root: Group; readonly setRoot: (root: Group) => void }) {
  const [isJson, setIsJson] = useState(false)
  const change = (tree: Tree) => {
    setRoot(toRoot(tree, newKey))
    setIsJson(false)
  }
  const toggle = (
    <ActButton size="compact-sm" variant="default" onClick={() => setIsJson(!isJson)}>
      {isJson ? t.segments.asTree : t.segments.json}
    </ActButton>
  )
  return (
    <Panel title={t.segments.tree} aside={toggle}>
      {isJson ? <JsonView tree={toTree(root)} onChange={change} /> : <TreeEditor root={root} onChange={setRoot} />}
    </Panel>
  )
}

interface ActsProps {
  readonly segment: Segment | null
  readonly draft: Draft
  /** Of what was read. */
  readonly version: number
  /** Then the page asks which of the two it shall be, which says more than the refusal. */
  readonly isBehind: boolean
  readonly tree: Tree | null
  readonly onSaved: (sent: Draft, saved: Segment) => void
}

function Acts({ segment, draft, version, isBehind, tree, onSaved }: ActsProps) {
  const navigate = useNavigate()
  const ask = useAsk()
  const because = whyNot(useMe(), 'audience.manage')
  const changes = [listSegments, getSegment, lookAtSegment]
  const told = ({ name }: Segment) => toast('good', t.segments.saved(name))
  const create = useAction(createSegment, {
    quiet: true,
    changes,
    onDone: (saved) => {
      told(saved)
      void navigate({ to: '/segments/$id', params: { id: saved.id }, replace: true, ignoreBlocker: true })
    },
  })
  const change = useAction(changeSegment, { quiet: true, changes, onDone: told })
  const remove = useAction(removeSegment, {
    changes: [listSegments],
    onDone: () => void navigate({ to: '/segments', ignoreBlocker: true }),
  })
  const problem = errorsFor(create.error ?? change.error, []).rest
  const unsaid = tree === null ? t.segments.unfinished : draft.name.trim() === '' ? t.segments.nameless : null
  function save() {
    if (tree === null) return
    const body = { name: draft.name.trim(), tree, kind: draft.kind }
    if (segment)
      change.mutate({ params: { id: segment.id }, body: { ...body, version } }, { onSuccess: (saved) => onSaved(draft, saved) })
    else create.mutate({ body })
  }
  async function drop(of: Segment) {
    const isSure = await ask({
      title: t.segments.removeTitle(of.name),
      body: t.segments.removeBody,
      act: t.segments.remove,
    })
    if (isSure) remove.mutate({ params: { id: of.id } })
  }
  return (
    <>
      {problem && !isBehind && (
        <Note tone="bad" alert>
          {problem}
        </Note>
      )}
      {segment && (
        <>
          <Link to="/contacts" search={{ segment: segment.id }}>
            {t.segments.seeAll}
          </Link>
          <ActButton variant="default" because={because} loading={remove.isPending} onClick={() => void drop(segment)}>
            {t.segments.remove}
          </ActButton>
        </>
      )}
      <ActButton because={because ?? unsaid} loading={create.isPending || change.isPending} onClick={save}>
        {segment?.kind === 'snapshot' && draft.kind === 'snapshot' ? t.segments.takeAnew : t.segments.save}
      </ActButton>
    </>
  )
}
