/** The mark: a label with its two punched notches, and the letter a courier would write. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path
        d="M6 3h20a3 3 0 0 1 3 3v7a3 3 0 0 0 0 6v7a3 3 0 0 1-3 3H6a3 3 0 0 1-3-3v-7a3 3 0 0 0 0-6V6a3 3 0 0 1 3-3z"
        fill="var(--accent)"
      />
      <path
        d="M9 9.5l3.3 13L16 12l3.700 10.500L23 9.500"
        fill="none"
        stroke="#fff"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
