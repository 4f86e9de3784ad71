const CODE = 'rounded bg-sunken px-1 py-0.5 font-mono whitespace-nowrap text-ink';

/** Where whoever runs Metarr finds what is asked for. */
export function KeyLocation() {
  return (
    <p className="border-t border-line pt-4 text-xs/relaxed text-pretty text-muted">
      Where is the key? On the machine that runs Metarr, <code className={CODE}>metarr api-key</code> prints
      it. It is in the file <code className={CODE}>secrets/api-key</code> below the data folder, or in the one
      that <code className={CODE}>METARR_API_KEY_FILE</code> names.
    </p>
  );
}
