import { EdgeLabelRenderer, type EdgeProps } from '@xyflow/react'
import { useDrawing } from '../edit/drawing.ts'
import { type Line, pathOf } from '../edit/layout.ts'
import { wayId } from '../runs/lit.ts'
import { AddButton } from './card.tsx'
import styles from './flow.module.css'

/** A line from step to step, with what it is called and a `+` on it. */
export function WayLine({ data, markerEnd }: EdgeProps) {
  const { line } = data as { readonly line: Line }
  const { middle, label, at, to, isFailure } = line
  const { trial } = useDrawing()
  const failure = isFailure || undefined
  const lit = trial.lit?.ways.has(wayId(at.from, at.port)) || undefined
  return (
    <>
      <path
        d={pathOf(line)}
        markerEnd={to === null ? undefined : markerEnd}
        className={styles.line}
        data-failure={failure}
        data-lit={lit}
        data-open={to === null || undefined}
      />
      {(label !== '' || to !== null) && (
        <EdgeLabelRenderer>
          <div
            className={`${styles.way} nopan`}
            data-failure={failure}
            data-lit={lit}
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
