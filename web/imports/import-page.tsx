import { getRouteApi, useNavigate } from '@tanstack/react-router'
import {
  discardImport,
  downloadImport,
  getImport,
  type Import,
  listImports,
  undoImport,
} from '../../src/api/endpoints/imports.ts'
import type { Id } from '../../src/lib/ids.ts'
import { hrefOf } from '../api.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { Facts } from '../ui/facts.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { Decide } from './decide.tsx'
import styles from './imports.module.css'
import { Mapping } from './mapping.tsx'
import { Statuses } from './source.tsx'
import { ToldRows } from './told-rows.tsx'

const route = getRouteApi('/shell/imports/$id')
const AGAIN_MS = 1_000
const STEP: Partial<Record<Import['state'], number>> = {
  mapping: 0,
  checking: 1,
  checked: 1,
  running: 2,
  done: 3,
  undoing: 3,
  undone: 3,
}

export function ImportPage() {
  const id = route.useParams().id as Id<'import_batch'>
  const query = useEndpoint(getImport, { id })
  const isAtWork = query.data !== undefined && ['uploading', 'checking', 'running', 'undoing'].includes(query.data.state)
  // No event tells of each stretch: while something is going on, it is asked for.
  useEndpoint(getImport, { id }, { everyMs: AGAIN_MS, enabled: isAtWork })
  return (
    <Page
      title={query.data?.name ?? t.imports.title}
      lead={query.data && t.imports.states[query.data.state]}
      acts={query.data && <Acts of={query.data} />}
    >
      <Loadable query={query}>{(batch) => <Steps of={batch} />}</Loadable>
    </Page>
  )
}

function Acts({ of }: { of: Import }) {
  const ask = useAsk()
  const navigate = useNavigate()
  const changes = [getImport, listImports]
  const undo = useAction(undoImport, { changes })
  const discard = useAction(discardImport, { changes: [listImports], onDone: () => void navigate({ to: '/imports' }) })
  const params = { id: of.id }
  async function takeBack() {
    if (await ask({ title: t.imports.undoTitle, body: t.imports.undoBody, act: t.imports.undo })) undo.mutate({ params })
  }
  return (
    <>
      {of.counts.rows > 0 && of.state !== 'checking' && (
        <a href={hrefOf(downloadImport, params)} download>
          {t.imports.result}
        </a>
      )}
      {(of.state === 'done' || of.state === 'running') && (
        <ActButton variant="default" loading={undo.isPending} onClick={() => void takeBack()}>
          {t.imports.undo}
        </ActButton>
      )}
      {(of.state === 'mapping' || of.state === 'checked' || of.state === 'failed') && (
        <ActButton variant="default" loading={discard.isPending} onClick={() => discard.mutate({ params })}>
          {t.imports.discard}
        </ActButton>
      )}
    </>
  )
}

function Steps({ of }: { of: Import }) {
  const step = STEP[of.state]
  return (
    <div className={styles.stack}>
      <ol className={styles.steps}>
        {t.imports.steps.map((name, i) => (
          <li key={name} className={i === step ? styles.now : undefined} aria-current={i === step ? 'step' : undefined}>
            {t.imports.step(i + 1, name)}
          </li>
        ))}
      </ol>
      {of.problem !== '' && (
        <Note tone="bad" alert>
          {of.problem}
        </Note>
      )}
      {of.state === 'mapping' && <Mapping key={`${of.id} ${of.shape?.delimiter} ${of.shape?.encoding}`} of={of} />}
      {of.state === 'checking' && (
        <Note tone="wait" hint={t.imports.progress(of.counts.rows)}>
          {t.imports.checking}
        </Note>
      )}
      {of.state === 'running' && (
        <Note tone="wait" hint={t.imports.progress(of.counts.added + of.counts.changed + of.counts.kept)}>
          {t.imports.running}
        </Note>
      )}
      {of.state === 'undoing' && <Note tone="wait">{t.imports.undoing}</Note>}
      {of.counts.rows > 0 && (
        <Panel title={t.imports.steps[of.state === 'checked' ? 1 : 3] ?? ''}>
          <Counts of={of} />
          {of.made_lists.length > 0 && <MadeLists lists={of.made_lists} />}
          {of.statuses.length > 0 && <Statuses statuses={of.statuses} />}
        </Panel>
      )}
      {of.state === 'checked' && <Decide of={of} />}
      {of.counts.rows > 0 && of.state !== 'checking' && <ToldRows key={of.id} id={of.id} />}
    </div>
  )
}

function MadeLists({ lists }: { readonly lists: Import['made_lists'] }) {
  const { removed, kept } = t.imports.madeLists
  return <Facts facts={lists.map(({ name, why }) => [name, why === null ? removed : kept(why)])} />
}

function Counts({ of: { counts } }: { of: Import }) {
  const names = Object.keys(t.imports.counts) as (keyof typeof counts)[]
  return (
    <Facts
      inColumns
      facts={names.map((name) => [
        t.imports.counts[name],
        counts[name] > 0 || name === 'rows' ? t.imports.rows(counts[name]) : null,
      ])}
    />
  )
}
