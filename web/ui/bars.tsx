// biome-ignore-all lint/a11y/useSemanticElements: a drawing that can be walked with the arrow keys is no <fieldset>
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: and so it has the focus
import { useElementSize } from '@mantine/hooks'
import { type KeyboardEvent, type PointerEvent, useId, useState } from 'react'
import styles from './bars.module.css'
import { number } from './format.ts'
import { type Tone, toned } from './tone.ts'

export interface Series {
  readonly name: string
  readonly tone: Tone
  /** Bars are told apart by what fills them, not by colour alone. */
  readonly fill: 'solid' | 'hatched' | 'dotted'
}

export interface Point {
  readonly key: string
  /** Under the bar, where it has room. */
  readonly tick: string | null
  /** In words, for the line above and for people who hear it. */
  readonly says: string
  readonly values: readonly number[]
}

const HEIGHT = 132
const BOTTOM = 20
const LEFT = 44

/** Stacked bars over time. Arrow keys move from bar to bar as the pointer does. */
export function Bars({ series, points, label }: { series: readonly Series[]; points: readonly Point[]; label: string }) {
  const { ref, width } = useElementSize<HTMLDivElement>()
  const [active, setActive] = useState<number | null>(null)
  const id = useId()
  const max = niceMax(Math.max(1, ...points.map(({ values }) => values.reduce((sum, value) => sum + value, 0))))
  const step = Math.max(1, (width - LEFT) / points.length)
  const y = (value: number) => HEIGHT - (value / max) * HEIGHT

  function onKeyDown(event: KeyboardEvent) {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (by === 0) return
    event.preventDefault()
    setActive((at) => Math.max(0, Math.min(points.length - 1, (at ?? (by > 0 ? -1 : points.length)) + by)))
  }
  function onPointerMove(event: PointerEvent<HTMLDivElement>) {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT
    setActive(x < 0 ? null : Math.min(points.length - 1, Math.floor(x / step)))
  }
  return (
    <div>
      <div className={styles.readout}>
        <span role="status">{active === null ? '' : points[active]?.says}</span>
        <Legend series={series} id={id} />
      </div>
      <div
        ref={ref}
        className={styles.chart}
        role="group"
        tabIndex={0}
        aria-label={label}
        onKeyDown={onKeyDown}
        onPointerMove={onPointerMove}
        onPointerLeave={() => setActive(null)}
        onBlur={() => setActive(null)}
      >
        <svg className={styles.svg} height={HEIGHT + BOTTOM} aria-hidden="true" focusable="false">
          <Fills series={series} id={id} />
          {[0, max / 2, max].map((value) => (
            <g key={value}>
              <line className={styles.grid} x1={LEFT} x2={width} y1={y(value) + 0.5} y2={y(value) + 0.5} />
              <text className={styles.axis} x={LEFT - 8} y={y(value) + 4} textAnchor="end">
                {number(value)}
              </text>
            </g>
          ))}
          {points.map((point, index) => (
            <g key={point.key}>
              <rect
                className={styles.column}
                data-active={index === active}
                x={LEFT + index * step}
                y={0}
                width={step}
                height={HEIGHT}
              />
              <Stack point={point} series={series} id={id} x={LEFT + index * step + 1} width={Math.max(1, step - 2)} y={y} />
              {point.tick && (
                <text className={styles.axis} x={LEFT + index * step + step / 2} y={HEIGHT + 15} textAnchor="middle">
                  {point.tick}
                </text>
              )}
            </g>
          ))}
        </svg>
      </div>
    </div>
  )
}

interface StackProps {
  readonly point: Point
  readonly series: readonly Series[]
  readonly id: string
  readonly x: number
  readonly width: number
  readonly y: (value: number) => number
}

function Stack({ point, series, id, x, width, y }: StackProps) {
  let below = 0
  return series.map((each, index) => {
    const value = point.values[index] ?? 0
    if (value === 0) return null
    const top = y(below + value)
    // However few: one pixel and a half can still be seen.
    const height = Math.max(1.5, y(below) - top)
    below += value
    return (
      <g key={each.name} {...toned(each.tone)}>
        <rect className={styles.paper} x={x} y={top} width={width} height={height} />
        {each.fill === 'solid' ? (
          <rect className={styles.solid} x={x} y={top} width={width} height={height} />
        ) : (
          <rect className={styles.outline} fill={`url(#${id}-${each.fill})`} x={x} y={top} width={width} height={height} />
        )}
      </g>
    )
  })
}

function Fills({ series, id }: { series: readonly Series[]; id: string }) {
  const toneOf = (fill: Series['fill']) => series.find((each) => each.fill === fill)?.tone ?? 'calm'
  return (
    <defs>
      <pattern
        id={`${id}-hatched`}
        width="5"
        height="5"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
        {...toned(toneOf('hatched'))}
      >
        <line className={styles.ink} x1="0" x2="0" y1="0" y2="5" />
      </pattern>
      <pattern id={`${id}-dotted`} width="4" height="4" patternUnits="userSpaceOnUse" {...toned(toneOf('dotted'))}>
        <circle className={styles.solid} cx="1.5" cy="1.5" r="1" />
      </pattern>
    </defs>
  )
}

function Legend({ series, id }: { series: readonly Series[]; id: string }) {
  return (
    <span className={styles.legend}>
      {series.map(({ name, tone, fill }) => (
        <span key={name} className={styles.key} {...toned(tone)}>
          <svg width="12" height="12" aria-hidden="true" focusable="false">
            <rect className={styles.paper} width="12" height="12" rx="2" />
            {fill === 'solid' ? (
              <rect className={styles.solid} width="12" height="12" rx="2" />
            ) : (
              <rect className={styles.outline} fill={`url(#${id}-${fill})`} x="0.5" y="0.5" width="11" height="11" rx="2" />
            )}
          </svg>
          {name}
        </span>
      ))}
    </span>
  )
}

/** 1, 2 or 5 times a power of ten, and even, so that half of it is a whole number. */
function niceMax(max: number): number {
  const power = 10 ** Math.floor(Math.log10(max))
  const nice = [1, 2, 5, 10].map((factor) => factor * power).find((value) => value >= max) ?? max
  return Math.max(2, nice % 2 === 0 ? nice : nice * 2)
}
