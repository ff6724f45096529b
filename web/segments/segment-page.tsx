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
  if (query.data) return <Editor key={`${id} ${query.data.updated_at.toISOString()}`} segment={query.data} />
  return (
    <Page title={t.segments.title}>
      <Loadable query={query}>{() => null}</Loadable>
    </Page>
  )
}

function Editor({ segment }: { readonly segment: Segment | null }) {
  const [name, setName] = useState(segment?.name ?? '')
  const [kind, setKind] = useState<Segment['kind']>(segment?.kind ?? 'live')
  const [root, setRoot] = useState<Group>(() => toRoot(segment?.tree ?? { all: [] }, newKey))
  const [about, setAbout] = useState<Asked | null>(null)
  const isWhole = leavesOf(root).every(isFinished)
  const tree = isWhole ? toTree(root) : null
  return (
    <Page
      title={segment?.name ?? t.segments.add}
      lead={segment ? `${t.segments.kinds[segment.kind]}. ${t.segments.kindHints[segment.kind]}` : t.segments.lead}
      acts={<Acts segment={segment} name={name} kind={kind} tree={tree} />}
    >
      <div className={styles.columns}>
        <div className={styles.stack}>
          <Naming segment={segment} name={name} setName={setName} kind={kind} setKind={setKind} />
          <Conditions root={root} setRoot={setRoot} />
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
  readonly segment: Segment | null
  readonly name: string
  readonly setName: (name: string) => void
  readonly kind: Segment['kind']
  readonly setKind: (kind: Segment['kind']) => void
}

function Naming({ segment, name, setName, kind, setKind }: NamingProps) {
  return (
    <div className={styles.naming}>
      <TextInput
        label={t.segments.name}
        required
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <div>
        <SegmentedControl
          aria-label={t.segments.kind}
          data={(['live', 'snapshot'] as const).map((value) => ({ value, label: t.segments.kinds[value] }))}
          value={kind}
          onChange={(value) => setKind(value as Segment['kind'])}
        />
        <p className={styles.quiet}>
          {t.segments.kindHints[kind]}{' '}
          {segment?.taken_at && (
            <>
              {t.segments.takenAt} <Ago at={segment.taken_at} />.
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
  readonly name: string
  readonly kind: Segment['kind']
  readonly tree: Tree | null
}

function Acts({ segment, name, kind, tree }: ActsProps) {
  const navigate = useNavigate()
  const ask = useAsk()
  const because = whyNot(useMe(), 'audience.manage')
  const changes = [listSegments, getSegment, lookAtSegment]
  const done = (saved: Segment) => {
    toast('good', t.segments.saved(saved.name))
    void navigate({ to: '/segments/$id', params: { id: saved.id }, replace: true })
  }
  const create = useAction(createSegment, { quiet: true, changes, onDone: done })
  const change = useAction(changeSegment, { quiet: true, changes, onDone: done })
  const remove = useAction(removeSegment, { changes: [listSegments], onDone: () => void navigate({ to: '/segments' }) })
  const problem = errorsFor(create.error ?? change.error, []).rest
  const unsaid = tree === null ? t.segments.unfinished : name.trim() === '' ? t.segments.name : null
  function save() {
    if (tree === null) return
    if (segment) change.mutate({ params: { id: segment.id }, body: { name: name.trim(), tree, kind } })
    else create.mutate({ body: { name: name.trim(), tree, kind } })
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
      {problem && (
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
        {segment?.kind === 'snapshot' && kind === 'snapshot' ? t.segments.takeAnew : t.segments.save}
      </ActButton>
    </>
  )
}
