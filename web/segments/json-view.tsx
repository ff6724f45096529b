import { Textarea } from '@mantine/core'
import { useState } from 'react'
import { Tree as TreeShape } from '../../src/api/endpoints/segments.ts'
import type { Tree } from '../../src/contacts/segments/segment.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import styles from './segments.module.css'

/** The tree as programs write it; to read, to copy, and to bring one from elsewhere. */
export function JsonView({ tree, onChange }: { readonly tree: Tree; readonly onChange: (tree: Tree) => void }) {
  const [text, setText] = useState(() => JSON.stringify(tree, null, 2))
  const [wrong, setWrong] = useState<string | null>(null)
  function apply() {
    const read = readTree(text)
    if (typeof read === 'string') return setWrong(t.segments.jsonWrong(read))
    setWrong(null)
    onChange(read)
  }
  return (
    <div className={styles.stack}>
      <Textarea
        label={t.segments.jsonLabel}
        classNames={{ input: styles.json ?? '' }}
        spellCheck={false}
        autosize
        minRows={8}
        maxRows={28}
        value={text}
        error={wrong}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <span>
        <ActButton size="compact-sm" onClick={apply}>
          {t.segments.jsonApply}
        </ActButton>
      </span>
    </div>
  )
}

function readTree(text: string): Tree | string {
  try {
    const read = TreeShape.safeParse(JSON.parse(text))
    if (read.success) return read.data
    const [issue] = read.error.issues
    return `${issue?.path.join('.') || '/'}: ${issue?.message ?? ''}`
  } catch (error) {
    return (error as Error).message
  }
}
