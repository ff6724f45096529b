import { Button, Tabs } from '@mantine/core'
import type { Id } from '../../../src/lib/ids.ts'
import { story } from '../../../src/workflows/definition/summary.ts'
import { t } from '../../texts/texts.ts'
import { useDrawing } from '../edit/drawing.ts'
import { PANELS, type PanelName } from '../edit-search.ts'
import { SimulatePanel } from '../trial/simulate-panel.tsx'
import { TryPanel } from '../trial/try-panel.tsx'
import styles from '../workflows.module.css'
import type { Asked } from './asked.ts'
import { ImportPanel } from './import-panel.tsx'
import { ProblemsPanel } from './problems-panel.tsx'
import { SettingsPanel } from './settings-panel.tsx'
import { StepPanel } from './step-panel.tsx'

interface Props {
  readonly opened: PanelName
  readonly workflowId: Id<'workflow'>
  /** It came from a file, of which something was said. */
  readonly isImported: boolean
  readonly asked: Asked
  readonly onOpen: (panel: PanelName) => void
}

/** Beside the drawing: the step that is chosen, what is wrong, what holds for all of it, and all of it in words. */
export function SidePanel({ workflowId, isImported, opened, asked, onOpen }: Props) {
  const { editor, act, problems } = useDrawing()
  const says = t.workflows.panel
  return (
    <aside className={styles.side} aria-label={says.label}>
      <Tabs value={opened} onChange={(tab) => tab && onOpen(tab as PanelName)} keepMounted={false}>
        <Tabs.List>
          {PANELS.filter((panel) => panel !== 'import' || isImported).map((panel) => (
            <Tabs.Tab key={panel} value={panel}>
              {says.tabs[panel]}
              {panel === 'problems' && problems.length > 0 && ` (${problems.length})`}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="step" className={styles.sideBody ?? ''}>
          {editor.selected === null ? (
            <p className={styles.quiet}>{says.nothing}</p>
          ) : (
            <StepPanel
              key={editor.selected}
              id={editor.selected}
              asked={asked}
              onClose={() => act({ kind: 'select', id: null })}
            />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="problems" className={styles.sideBody ?? ''}>
          <ProblemsPanel onSettings={() => onOpen('settings')} />
        </Tabs.Panel>
        <Tabs.Panel value="trial" className={styles.sideBody ?? ''}>
          <div className={styles.plain}>
            <TryPanel />
            <SimulatePanel id={workflowId} />
          </div>
        </Tabs.Panel>
        <Tabs.Panel value="import" className={styles.sideBody ?? ''}>
          <ImportPanel id={workflowId} />
        </Tabs.Panel>
        <Tabs.Panel value="settings" className={styles.sideBody ?? ''}>
          <div className={styles.plain}>
            <SettingsPanel />
            <Button variant="default" size="compact-sm" onClick={() => onOpen('import')}>
              {t.workflowFiles.report.open}
            </Button>
          </div>
        </Tabs.Panel>
        <Tabs.Panel value="summary" className={styles.sideBody ?? ''}>
          <Story />
        </Tabs.Panel>
      </Tabs>
    </aside>
  )
}

function Story() {
  const { editor, names, edit } = useDrawing()
  const told = story(editor.graph, names)
  const says = t.workflows.words
  return (
    <ol className={styles.story} aria-label={says.title}>
      {told.map(({ node, step, sentence, ways }) => (
        <li key={node}>
          <button type="button" className={styles.storyStep} onClick={() => edit(node)}>
            <b>{step}.</b> <span>{sentence}</span>
          </button>
          {ways.length > 0 && (
            <ul className={styles.quiet}>
              {ways.map((way) => (
                <li key={way.port}>
                  {way.label}: {way.step !== null ? says.step(way.step) : way.isFailure ? says.held : says.ends}
                </li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ol>
  )
}
