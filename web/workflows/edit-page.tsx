import { ActionIcon, Button, SegmentedControl } from '@mantine/core'
import { getRouteApi, Link } from '@tanstack/react-router'
import { CloudCheck, CloudUpload, History, Redo2, Rocket, TriangleAlert, Undo2 } from 'lucide-react'
import { useDeferredValue, useMemo, useState } from 'react'
import { countWorkflow, getWorkflow, getWorkflowVersion, type Workflow } from '../../src/api/endpoints/workflows.ts'
import type { Id } from '../../src/lib/ids.ts'
import { problemsOf } from '../../src/workflows/definition/check.ts'
import { Graph } from '../../src/workflows/definition/graph.ts'
import { useMe, whyNot } from '../me.ts'
import { useEndpoint } from '../query.ts'
import { NotFound } from '../shell/crashed.tsx'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { announce } from '../ui/announce.ts'
import { useKeys } from '../ui/keys.ts'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'
import { toned } from '../ui/tone.ts'
import { useIsNarrow, useMedia } from '../ui/use-media.ts'
import { type Drawing, DrawingContext } from './edit/drawing.ts'
import type { Place } from './edit/graph-acts.ts'
import { removeNode } from './edit/graph-acts.ts'
import { isRule, ruleOf } from './edit/rule.ts'
import { graphOf, type SaveState, useDraft } from './edit/use-draft.ts'
import type { PanelName } from './edit-search.ts'
import { Flow } from './flow/flow.tsx'
import { OutlineView } from './outline.tsx'
import type { Asked } from './panel/asked.ts'
import { SidePanel } from './panel/side-panel.tsx'
import { Picker } from './picker.tsx'
import { PublishDialog } from './publish-dialog.tsx'
import { namesOf, useReferences } from './references.ts'
import { RuleView } from './rule-view.tsx'
import { RunNumbers } from './runs/run-numbers.tsx'
import { useTrial } from './trial/use-trial.ts'
import { VersionsDialog } from './versions-dialog.tsx'
import styles from './workflows.module.css'

const route = getRouteApi('/shell/workflows/$id')

export function EditWorkflowPage() {
  const id = route.useParams().id as Id<'workflow'>
  const query = useEndpoint(getWorkflow, { id })
  if (query.error && (query.error.status === 404 || query.error.status === 422)) return <NotFound />
  if (!query.data)
    return (
      <Page title={t.workflows.title} shape="narrow">
        <Loadable query={query}>{() => null}</Loadable>
      </Page>
    )
  const graph = graphOf(query.data)
  return graph ? <Editor key={id} workflow={query.data} graph={graph} /> : <Unreadable workflow={query.data} />
}

function Unreadable({ workflow }: { workflow: Workflow }) {
  return (
    <Page title={workflow.name} shape="narrow">
      <Note tone="bad" hint={t.workflows.unreadableHint}>
        {t.workflows.unreadable}
      </Note>
    </Page>
  )
}

type View = 'flow' | 'rule' | 'outline'

function Editor({ workflow, graph: first }: { workflow: Workflow; graph: Graph }) {
  const draft = useDraft(workflow, first)
  const { editor, act, state, problem } = draft
  const because = whyNot(useMe(), 'workflows.manage')
  const [picking, pick] = useState<Place | 'trigger' | null>(null)
  const search = route.useSearch()
  const [panel, openPanel] = useState<PanelName>(search.panel ?? 'step')
  const isImported = workflow.has_import_report || search.panel === 'import' || panel === 'import'
  const [asked, ask] = useState<Asked>({ times: 0, field: null })
  const [dialog, open] = useState<'publish' | 'versions' | null>(null)
  const isNarrow = useIsNarrow()
  const [chosen, view] = useView(first)
  // A canvas is no use on a telephone: there the list is the drawing.
  const shown = isNarrow && chosen === 'flow' ? 'outline' : chosen
  const drawing = useDrawingOf(workflow, draft, {
    because,
    pick,
    edit: (id, field = null) => {
      act({ kind: 'select', id })
      openPanel('step')
      ask(({ times }) => ({ times: times + 1, field }))
    },
  })
  useEditorKeys(act, picking === null && dialog === null)
  const publish = async () => {
    if (await draft.flush()) open('publish')
  }
  return (
    <Page
      title={editor.graph.name}
      shape="filled"
      lead={<Link to="/workflows">{t.workflows.back}</Link>}
      acts={
        <>
          <Saved state={state} />
          <Turns act={act} canUndo={editor.past.length > 0} canRedo={editor.future.length > 0} />
          <Button variant="default" leftSection={<History size={15} aria-hidden />} onClick={() => open('versions')}>
            {t.workflows.versions}
          </Button>
          <ActButton because={because} leftSection={<Rocket size={15} aria-hidden />} onClick={() => void publish()}>
            {t.workflows.publish}
          </ActButton>
        </>
      }
    >
      <DrawingContext value={drawing}>
        {state === 'conflict' && <Conflict settle={draft.settle} />}
        {state === 'wrong' && problem && (
          <Note tone="bad" alert>
            {problem}
          </Note>
        )}
        <div className={styles.bar}>
          <Views view={shown} isNarrow={isNarrow} onChange={view} />
          {workflow.version !== null && <RunNumbers id={workflow.id} />}
        </div>
        <div className={styles.editor}>
          <Shown view={shown} onFlow={() => view('flow')} />
          <SidePanel workflowId={workflow.id} isImported={isImported} opened={panel} asked={asked} onOpen={openPanel} />
        </div>
        {picking !== null && (
          <Picker at={picking} forRows={shown === 'rule'} onClose={() => pick(null)} onMade={() => openPanel('step')} />
        )}
        {dialog === 'publish' && <PublishDialog workflow={workflow} revision={draft.revisionNow()} onClose={() => open(null)} />}
        {dialog === 'versions' && <VersionsDialog workflow={workflow} onClose={() => open(null)} />}
      </DrawingContext>
    </Page>
  )
}

/** A line is shown as rows, and anything else as a flow, until somebody chooses. */
function useView(first: Graph) {
  return useState<View>(() => (isRule(ruleOf(first)) && Object.keys(first.nodes).length > 0 ? 'rule' : 'flow'))
}

function Shown({ view, onFlow }: { view: View; onFlow: () => void }) {
  const isWide = useMedia('(min-width: 1500px)')
  if (view === 'rule')
    return (
      <div className={styles.scroller}>
        <RuleView onFlow={onFlow} />
      </div>
    )
  if (view === 'outline')
    return (
      <div className={styles.scroller}>
        <OutlineView />
      </div>
    )
  return (
    <div className={styles.flow} data-beside={isWide || undefined}>
      {isWide && <OutlineView />}
      <Flow />
    </div>
  )
}

function Views({ view, isNarrow, onChange }: { view: View; isNarrow: boolean; onChange: (view: View) => void }) {
  const says = t.workflows.views
  const views: readonly View[] = isNarrow ? ['outline', 'rule'] : ['flow', 'rule', 'outline']
  return (
    <SegmentedControl
      size="xs"
      aria-label={says.label}
      data={views.map((value) => ({ value, label: says[value] }))}
      value={view}
      onChange={(chosen) => onChange(chosen as View)}
    />
  )
}

type Draft = ReturnType<typeof useDraft>

function useDrawingOf(workflow: Workflow, { editor, act }: Draft, own: Pick<Drawing, 'because' | 'pick' | 'edit'>): Drawing {
  const references = useReferences()
  const names = useMemo(() => namesOf(references, workflow.names), [references, workflow.names])
  const graph = useDeferredValue(editor.graph)
  const active = useEndpoint(
    getWorkflowVersion,
    { id: workflow.id, version_id: workflow.version?.id as Id<'workflow_version'> },
    { enabled: workflow.version !== null },
  )
  const problems = useMemo(() => {
    const previous = Graph.safeParse(active.data?.definition).data ?? null
    return problemsOf(graph, { now: new Date(), workflowId: workflow.id, previous })
  }, [graph, workflow.id, active.data])
  const counted = useEndpoint(countWorkflow, { id: workflow.id }, { enabled: workflow.version !== null, everyMs: 30_000 })
  const counts = useMemo(() => new Map((counted.data?.nodes ?? []).map((one) => [one.node, one])), [counted.data])
  function remove(id: string) {
    const { removed } = removeNode(editor.graph, id)
    act({ kind: 'remove', id })
    announce(t.workflows.removedSteps(removed.length))
  }
  const trial = useTrial(workflow.id, editor.graph)
  return { editor, act, references, names, problems, counts, remove, trial, ...own }
}

/** Under a dialog nothing is taken back that cannot be seen. */
function useEditorKeys(act: Draft['act'], isAwake: boolean) {
  const group = t.workflows.keysGroup
  const keys = [
    { keys: 'mod+z', label: t.workflows.undo, group, run: () => act({ kind: 'undo' }) },
    { keys: 'mod+y', label: t.workflows.redo, group, run: () => act({ kind: 'redo' }) },
  ]
  useKeys(isAwake ? keys : [])
}

function Turns({ act, canUndo, canRedo }: { act: Draft['act']; canUndo: boolean; canRedo: boolean }) {
  const acts = [
    { kind: 'undo' as const, label: t.workflows.undo, keys: 'Ctrl+Z', icon: Undo2, can: canUndo },
    { kind: 'redo' as const, label: t.workflows.redo, keys: 'Ctrl+Y', icon: Redo2, can: canRedo },
  ]
  return acts.map(({ kind, label, keys, icon: Icon, can }) => (
    <ActionIcon
      key={kind}
      variant="default"
      size="lg"
      aria-label={label}
      title={`${label} (${keys})`}
      disabled={!can}
      onClick={() => act({ kind })}
    >
      <Icon size={16} aria-hidden />
    </ActionIcon>
  ))
}

const SAVED = {
  saved: { tone: 'good', icon: CloudCheck },
  unsaved: { tone: 'wait', icon: CloudUpload },
  saving: { tone: 'wait', icon: CloudUpload },
  wrong: { tone: 'bad', icon: TriangleAlert },
  conflict: { tone: 'care', icon: TriangleAlert },
} as const

function Saved({ state }: { state: SaveState }) {
  const { tone, icon: Icon } = SAVED[state]
  return (
    <span className={styles.saved} role="status" {...toned(tone)}>
      <Icon size={15} aria-hidden />
      {t.workflows.save[state]}
    </span>
  )
}

function Conflict({ settle }: { settle: Draft['settle'] }) {
  const acts = (
    <span>
      <Button size="compact-sm" variant="default" onClick={() => void settle('theirs')}>
        {t.workflows.takeTheirs}
      </Button>{' '}
      <Button size="compact-sm" onClick={() => void settle('mine')}>
        {t.workflows.keepMine}
      </Button>
    </span>
  )
  return (
    <Note tone="care" hint={t.workflows.conflictHint} act={acts} alert>
      {t.workflows.conflict}
    </Note>
  )
}
