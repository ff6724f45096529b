import { ActionIcon, Button } from '@mantine/core'
import { ArrowDown, ArrowUp, Pencil, Plus, Trash2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { typeOf } from '../../src/workflows/definition/catalogue.ts'
import { ALWAYS, type Condition } from '../../src/workflows/definition/condition.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { toned } from '../ui/tone.ts'
import { seed, useDrawing } from './edit/drawing.ts'
import { sentenceOf, titleOf } from './edit/ports.ts'
import { isRule, ruleOf } from './edit/rule.ts'
import { ConditionField } from './form/condition-builder.tsx'
import { LOOKS } from './icons.ts'
import styles from './workflows.module.css'

/** When, if, then: the same graph as rows, where it is one line. */
export function RuleView({ onFlow }: { onFlow: () => void }) {
  const { editor, act, pick, because } = useDrawing()
  const rule = ruleOf(editor.graph)
  const says = t.workflows.rule
  if (!isRule(rule))
    return (
      <EmptyState title={says.outgrown} sentence={says.reasons[rule]} act={<Button onClick={onFlow}>{says.toFlow}</Button>} />
    )
  const { triggers, question, actions, end } = rule
  const ask = (when: Condition | null, merge?: string) =>
    act({ kind: 'rule_condition', when, seed: seed(), ...(merge && { merge }) })
  return (
    <div className={styles.rule}>
      <Part title={says.when}>
        {triggers.length === 0 && <p className={styles.quiet}>{says.noTrigger}</p>}
        {triggers.map((id, at) => (
          <div key={id}>
            {at > 0 && <span className={styles.or}>{says.orWhen}</span>}
            <Row id={id} />
          </div>
        ))}
        <More label={says.addTrigger} because={because} onClick={() => pick('trigger')} />
      </Part>
      {triggers.length > 0 && (
        <Part title={says.if}>
          {question ? (
            <>
              <ConditionField
                label=""
                value={question.when}
                isRequired
                onChange={(when) => ask((when as Condition | undefined) ?? ALWAYS, 'when')}
              />
              <Button size="compact-sm" variant="default" onClick={() => ask(null)}>
                {says.removeIf}
              </Button>
            </>
          ) : (
            <More label={says.addIf} because={because} onClick={() => ask(ALWAYS)} />
          )}
        </Part>
      )}
      {triggers.length > 0 && (
        <Part title={says.thenDo}>
          {actions.length === 0 && <p className={styles.quiet}>{says.nothing}</p>}
          <ol className={styles.items}>
            {actions.map((id, at) => (
              <li key={id}>
                <Row id={id} isFirst={at === 0} isLast={at === actions.length - 1} isAction />
              </li>
            ))}
          </ol>
          {end && <More label={says.addAction} because={because} onClick={() => pick(end)} />}
        </Part>
      )}
    </div>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.part} aria-label={title}>
      <h2 className={styles.partTitle}>{title}</h2>
      <div className={styles.partBody}>{children}</div>
    </section>
  )
}

function More({ label, because, onClick }: { label: string; because: string | null; onClick: () => void }) {
  return (
    <span>
      <ActButton
        size="compact-sm"
        variant="default"
        because={because}
        leftSection={<Plus size={13} aria-hidden />}
        onClick={onClick}
      >
        {label}
      </ActButton>
    </span>
  )
}

interface RowProps {
  readonly id: string
  readonly isAction?: boolean
  readonly isFirst?: boolean
  readonly isLast?: boolean
}

function Row({ id, isAction = false, isFirst = false, isLast = false }: RowProps) {
  const { editor, names, problems, act, edit, remove, because } = useDrawing()
  const node = editor.graph.nodes[id]
  if (node === undefined) return null
  const { icon: Icon, tone } = LOOKS[typeOf(node.type)?.group ?? 'flow']
  const mine = problems.filter((problem) => problem.node === id)
  const isBad = mine.some((problem) => problem.severity === 'error')
  const title = titleOf(node)
  const says = t.workflows.rule
  const move = (by: -1 | 1) => act({ kind: 'move_action', id, by })
  return (
    <div className={styles.line} data-selected={editor.selected === id || undefined} {...toned(tone)}>
      <button type="button" className={styles.lineOpen} onClick={() => edit(id)}>
        <span className={styles.pickIcon}>
          <Icon size={14} aria-hidden />
        </span>
        <span className={styles.lineWords}>
          <span>{sentenceOf(node, names)}</span>
          {mine.length > 0 && (
            <span className={styles.badge} {...toned(isBad ? 'bad' : 'care')}>
              {isBad ? t.workflows.flow.problems(mine.length) : t.workflows.flow.warnings(mine.length)}
            </span>
          )}
        </span>
        <Pencil size={13} aria-hidden className={styles.pencil} />
      </button>
      {because === null && isAction && (
        <>
          <ActionIcon variant="subtle" size="sm" disabled={isFirst} aria-label={says.up(title)} onClick={() => move(-1)}>
            <ArrowUp size={14} aria-hidden />
          </ActionIcon>
          <ActionIcon variant="subtle" size="sm" disabled={isLast} aria-label={says.down(title)} onClick={() => move(1)}>
            <ArrowDown size={14} aria-hidden />
          </ActionIcon>
        </>
      )}
      {because === null && (
        <ActionIcon variant="subtle" size="sm" aria-label={t.workflows.outline.remove(title)} onClick={() => remove(id)}>
          <Trash2 size={13} aria-hidden />
        </ActionIcon>
      )}
    </div>
  )
}
