/// The page's looks, in the light and in the dark, on a desk and on a phone.
enum DemoStyle {
    static let text = """
        :root {
          --ground: #f6f7f9; --card: #fff; --ink: #1c2430; --soft: #5b6675; --line: #dfe4ea;
          --accent: #0b6bcb; --accent-ink: #fff; --bad: #b3261e; --bad-ground: #fdeceb;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #12161c; --card: #1b2129; --ink: #e6eaf0; --soft: #9aa7b6; --line: #2d3640;
            --accent: #5aa9f7; --accent-ink: #0b1624; --bad: #ff9a92; --bad-ground: #3a1f1d;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem 3rem; background: var(--ground); color: var(--ink);
          font: 1rem/1.5 system-ui, "Liberation Sans", sans-serif;
        }
        header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1.25rem; margin-bottom: 1rem; }
        h1 { margin: 0; font-size: 1.8rem; letter-spacing: -.02em; }
        header p { margin: 0; color: var(--soft); }
        header strong { color: var(--ink); font-size: 1.2rem; }
        .node { margin-left: auto; }
        .node b { color: var(--ink); }
        main { columns: 18rem 3; column-gap: 1rem; }
        section {
          break-inside: avoid; margin-bottom: 1rem;
          background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
          padding: 1rem 1.25rem; min-width: 0;
        }
        h2 { margin: 0 0 .75rem; font-size: 1.05rem; }
        button, input {
          font: inherit; color: inherit; border: 1px solid var(--line);
          border-radius: .5rem; padding: .4rem .8rem;
        }
        input { background: var(--ground); width: 100%; }
        button { background: var(--ground); cursor: pointer; }
        button.main { background: var(--accent); border-color: var(--accent); color: var(--accent-ink); }
        button:hover { border-color: var(--accent); }
        button:disabled { opacity: .5; cursor: default; }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        form { margin: .5rem 0; }
        form label { display: block; margin-bottom: .5rem; color: var(--soft); }
        dl { display: grid; grid-template-columns: 1fr; gap: 0; margin: 0 0 .75rem; }
        dt, small, .hint { color: var(--soft); font-size: .875rem; }
        dd { margin: 0 0 .4rem; overflow-wrap: anywhere; }
        code { font: .875rem ui-monospace, "Liberation Mono", monospace; overflow-wrap: anywhere; }
        .bar { display: block; margin: .5rem 0; font-size: .875rem; color: var(--soft); }
        progress { width: 100%; height: .6rem; accent-color: var(--accent); }
        ul { list-style: none; margin: 0; padding: 0; }
        li {
          display: flex; justify-content: space-between; align-items: center;
          gap: 1rem; padding: .4rem 0; border-bottom: 1px solid var(--line);
        }
        li small { display: block; }
        li form { margin: 0; }
        .counts { display: flex; gap: 1rem; }
        .counts p {
          flex: 1; margin: 0 0 .75rem; text-align: center;
          border: 1px solid var(--line); border-radius: .5rem; padding: .5rem;
        }
        output { display: block; font-size: 2rem; font-weight: 700; line-height: 1.2; }
        .counts .lost output { color: var(--bad); }
        table { border-collapse: collapse; width: 100%; table-layout: fixed; }
        th { text-align: left; font-weight: 500; width: 35%; overflow-wrap: anywhere; }
        th, td { padding: .3rem .4rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        #banner {
          background: var(--bad-ground); color: var(--bad); border-radius: .5rem;
          padding: .75rem 1rem; margin: 0 0 1rem;
        }
        @media (max-width: 30rem) { .node { margin-left: 0; width: 100%; } body { padding-top: 1rem; } }

        """
}
