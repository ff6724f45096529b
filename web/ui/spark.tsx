import { useId } from 'react'
import type { Point, Series } from './bars.tsx'
import styles from './spark.module.css'
import { toned } from './tone.ts'

const WIDTH = 132
const HEIGHT = 26

/** Stacked bars as small as a word, for a row of a table. What they say is in `label`; the fills tell them apart without colour. */
export function Spark({
  series,
  points,
  label,
}: {
  series: readonly Series[]
  points: readonly Pick<Point, 'key' | 'says' | 'values'>[]
  label: string
}) {
  const id = useId()
  const max = Math.max(1, ...points.map(({ values }) => values.reduce((sum, value) => sum + value, 0)))
  const step = WIDTH / Math.max(1, points.length)
  return (
    <svg
      className={styles.spark}
      width={WIDTH}
      height={HEIGHT + 1}
      viewBox={`0 0 ${WIDTH} ${HEIGHT + 1}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
      focusable="false"
    >
      <defs>
        <pattern
          id={`${id}-hatched`}
          width="4"
          height="4"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
          {...toned('bad')}
        >
          <line className={styles.ink} x1="0" x2="0" y1="0" y2="4" />
        </pattern>
        <pattern id={`${id}-dotted`} width="3" height="3" patternUnits="userSpaceOnUse" {...toned('care')}>
          <circle className={styles.solid} cx="1" cy="1" r="0.8" />
        </pattern>
      </defs>
      <line className={styles.ground} x1="0" x2={WIDTH} y1={HEIGHT + 0.5} y2={HEIGHT + 0.5} />
      {points.map(({ key, says, values }, index) => (
        <g key={key}>
          <title>{says}</title>
          <rect className={styles.column} x={index * step} y="0" width={step} height={HEIGHT} />
          {partsOf(values, max).map(({ at, top, height }) => {
            const each = series[at]
            if (!each) return null
            return (
              <rect
                key={each.name}
                {...toned(each.tone)}
                className={each.fill === 'solid' ? styles.solid : styles.outline}
                {...(each.fill !== 'solid' && { fill: `url(#${id}-${each.fill})` })}
                x={index * step + 0.5}
                y={top}
                width={Math.max(1, step - 1)}
                height={height}
              />
            )
          })}
        </g>
      ))}
    </svg>
  )
}

/** However few: one pixel and a half can still be seen. */
function partsOf(values: readonly number[], max: number): { at: number; top: number; height: number }[] {
  let below = 0
  return values.flatMap((value, at) => {
    if (value === 0) return []
    const height = Math.max(1.5, (value / max) * HEIGHT)
    below += height
    return [{ at, top: Math.max(0, HEIGHT - below), height }]
  })
}
