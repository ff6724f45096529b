import { Button, Select } from '@mantine/core'
import { Plus, UserMinus } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import { sentenceOf } from '../../src/contacts/segments/segment.ts'
import { t } from '../texts/texts.ts'
import { ConditionFields } from './condition-fields.tsx'
import { type Askable, namesOf, useAskable } from './names.ts'
import { movesBy, NodeActs, type TreeActs } from './node-acts.tsx'
import styles from './segments.module.css'
import {
  duplicate,
  GROUP_OPS,
  type Group,
  type GroupOp,
  insert,
  type Leaf,
  move,
  type Node,
  negate,
  replace,
} from './tree-model.ts'
import { useTreeFocus } from './use-tree-focus.ts'
import { conditionAbout, whatChoices, whatOf } from './what.ts'

interface Props {
  readonly root: Group
  readonly onChange: (root: Group) => void
}

export const newKey = (): string => crypto.randomUUID()

/** Groups within groups, each condition a line that reads as a sentence. Everything can be done by keys: each button is one, and Alt with arrows moves. */
export function TreeEditor({ root, onChange }: Props) {
  const askable = useAskable()
  const { box, moving, dropping } = useTreeFocus()
  const acts: TreeActs = {
    move: (key, by) => {
      moving(key)
      onChange(move(root, key, by))
    },
    duplicate: (key) => onChange(duplicate(root, key, newKey)),
    negate: (key) => onChange(replace(root, key, negate)),
    drop: (key) => {
      dropping(key)
      onChange(replace(root, key, () => null))
    },
  }
  const set = (node: Node) => onChange(replace(root, node.key, () => node))
  const add = (into: Group, node: Node) => onChange(insert(root, into.key, into.children.length, node))
  return (
    <div ref={box} className={styles.stack}>
      <GroupBox group={root} isRoot askable={askable} acts={acts} set={set} add={add} />
      <p className={styles.quiet}>{t.segments.moveHint}</p>
    </div>
  )
}

interface NodeProps {
  readonly askable: Askable
  readonly acts: TreeActs
  readonly set: (node: Node) => void
  readonly add: (into: Group, node: Node) => void
}

function GroupBox({ group, isRoot = false, ...rest }: NodeProps & { readonly group: Group; readonly isRoot?: boolean }) {
  const { acts, askable, set, add } = rest
  const joint = group.op === 'all' || group.op === 'not_all' ? t.segments.and : t.segments.or
  const fresh = (): Leaf => ({ key: newKey(), kind: 'condition', not: false, condition: conditionAbout('list', askable) })
  const nest = (op: GroupOp) => add(group, { key: newKey(), kind: 'group', op, children: [fresh()] })
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a look and a minimal width of its own
    <div
      role="group"
      aria-label={t.segments.ops[group.op]}
      className={styles.group}
      data-node={isRoot ? undefined : group.key}
      data-op={group.op}
      onKeyDown={(event) => onMoveKey(event, group.key, acts, isRoot)}
    >
      <div className={styles.groupHead}>
        <Select
          aria-label={t.segments.op}
          size="xs"
          data={GROUP_OPS.map((op) => ({ value: op, label: t.segments.ops[op] }))}
          value={group.op}
          allowDeselect={false}
          w={220}
          onChange={(op) => op && set({ ...group, op: op as GroupOp })}
        />
        {!isRoot && <NodeActs of={group.key} name={t.segments.group} acts={acts} />}
      </div>
      {group.children.length === 0 && <p className={styles.quiet}>{t.segments.emptyGroup[group.op]}</p>}
      <ul className={styles.nodes}>
        {group.children.map((child, i) => (
          <li key={child.key}>
            {i > 0 && <span className={styles.joint}>{joint}</span>}
            {child.kind === 'group' ? <GroupBox group={child} {...rest} /> : <ConditionLine leaf={child} {...rest} />}
          </li>
        ))}
      </ul>
      <div className={styles.adds}>
        <Add name={t.segments.addCondition} onClick={() => add(group, fresh())} />
        <Add name={t.segments.addGroup} onClick={() => nest(group.op === 'all' ? 'any' : 'all')} />
        {isRoot && (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<UserMinus size={13} aria-hidden />}
            onClick={() => nest('none')}
          >
            {t.segments.addOut}
          </Button>
        )}
      </div>
    </div>
  )
}

function Add({ name, onClick }: { readonly name: string; readonly onClick: () => void }) {
  return (
    <Button size="compact-sm" variant="default" leftSection={<Plus size={13} aria-hidden />} onClick={onClick}>
      {name}
    </Button>
  )
}

function ConditionLine({ leaf, askable, acts, set }: NodeProps & { readonly leaf: Leaf }) {
  const said = sentenceOf(leaf.condition, namesOf(askable))
  const sentence = leaf.not ? `${t.segments.not}: ${said}` : said
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a look and a minimal width of its own
    <div
      role="group"
      aria-label={sentence}
      className={styles.condition}
      data-node={leaf.key}
      data-not={leaf.not || undefined}
      onKeyDown={(event) => onMoveKey(event, leaf.key, acts, false)}
    >
      <div className={styles.inputs}>
        {leaf.not && <b className={styles.not}>{t.segments.not}</b>}
        <Select
          aria-label={t.segments.what}
          data={whatChoices(askable)}
          value={whatOf(leaf.condition)}
          searchable
          allowDeselect={false}
          w={205}
          onChange={(what) => what && set({ ...leaf, condition: conditionAbout(what, askable) })}
        />
        <ConditionFields condition={leaf.condition} askable={askable} onChange={(condition) => set({ ...leaf, condition })} />
      </div>
      <p className={styles.sentence}>{sentence}</p>
      <NodeActs of={leaf.key} name={sentence} acts={acts} />
    </div>
  )
}

function onMoveKey(event: KeyboardEvent, key: string, acts: TreeActs, isRoot: boolean): void {
  const by = movesBy(event)
  if (by === null) return
  event.preventDefault()
  event.stopPropagation()
  if (!isRoot) acts.move(key, by)
}
