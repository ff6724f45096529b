import { EdgeLabelRenderer, type EdgeProps } from '@xyflow/react'
import { type Line, pathOf } from '../edit/layout.ts'
import { AddButton } from './card.tsx'
import styles from './flow.module.css'

/** A line from step to step, with what it is called and a `+` on it. */
export function WayLine({ data, markerEnd }: EdgeProps) {
  const { line } = data as { readonly line: Line }
  const { middle, label, at, to, isFailure } = line
  const failure = isFailure || undefined
  return (
    <>
      <path
        d={pathOf(line)}
        markerEnd={to === null ? undefined : markerEnd}
        className={styles.line}
        data-failure={failure}
        data-open={to === null || undefined}
      />
      {(label !== '' || to !== null) && (
        <EdgeLabelRenderer>
          <div
            className={`${styles.way} nopan`}
            data-failure={failure}
            style={{ transform: `translate(-50%, -50%) translate(${middle.x}px, ${middle.y}px)` }}
          >
            {label !== '' && <span>{label}</span>}
            {to !== null && <AddButton at={at} />}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  )
}
