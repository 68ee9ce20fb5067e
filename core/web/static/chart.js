// Charts: a picture beside each table of figures, in the page's own colours; comes only to pages that have one (banyan.js loads it).
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const language = document.documentElement.lang || "zh-CN";
  const drawn = new Map();  // figure -> what ECharts made of it

  const digits = (value, places = 0) => value.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
  const whole = (value, { measure, unit }) => {
    if (value == null || value === "-") return "—";
    if (measure === "money") return `¥${digits(value / 100, 2)}`;
    return measure === "percent" ? `${digits(value / 10, 1)}%` : `${digits(value)}${unit ? ` ${unit}` : ""}`;
  };
  const brief = (value, { measure }) => {
    if (measure === "percent") return `${digits(value / 10)}%`;
    const number = measure === "money" ? value / 100 : value;
    return new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: Math.abs(number) < 10 ? 2 : 1 }).format(number);
  };

  const paints = (figure) => {
    const style = getComputedStyle(figure);
    const of = (name) => style.getPropertyValue(name).trim();
    return {
      ink: of("--by-ink"), quiet: of("--by-quiet"), line: of("--by-line"), card: of("--by-card"), font: style.fontFamily,
      series: ["--by-accent", "--by-c2", "--by-c3", "--by-c4", "--by-c5"].map(of),
    };
  };

  const pie = (facts, paint, narrow) => {
    const values = facts.series[0].values;
    const sum = values.reduce((total, value) => total + (value ?? 0), 0) || 1;
    const label = ({ name, value }) => `${name}\n${digits((value * 100) / sum, 1)}%`;
    return {
      legend: narrow ? { bottom: 0, type: "scroll", textStyle: { color: paint.quiet } } : undefined,
      series: [{
        type: "pie", radius: ["46%", "70%"], center: ["50%", narrow ? "44%" : "50%"],
        itemStyle: { borderColor: paint.card, borderWidth: 2 },
        label: { color: paint.ink, formatter: label, position: narrow ? "inside" : "outside", show: !narrow },
        data: facts.labels.map((name, place) => ({ name, value: values[place] })),
      }],
    };
  };

  // A funnel is bars around a middle line, each with its share of the first.
  const funnel = (facts, paint) => {
    const values = facts.series[0].values;
    const most = Math.max(...values, 1);
    const share = (value) => `${whole(value, facts)} · ${digits((value * 100) / (values[0] || 1), 1)}%`;
    return {
      grid: { left: 8, right: 16, top: 8, bottom: 8, containLabel: true },
      xAxis: { type: "value", show: false, max: most },
      yAxis: { type: "category", inverse: true, data: facts.labels, axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: paint.ink } },
      series: [
        { type: "bar", stack: "all", silent: true, itemStyle: { color: "transparent" }, tooltip: { show: false }, data: values.map((value) => (most - value) / 2) },
        {
          type: "bar", stack: "all", barWidth: "72%", name: facts.series[0].name, itemStyle: { borderRadius: 4 },
          label: { show: true, position: "inside", color: paint.ink, backgroundColor: paint.card, borderRadius: 4, padding: [3, 6], formatter: ({ value }) => share(value) },
          data: values.map((value, place) => ({ value, itemStyle: { color: paint.series[place % paint.series.length] } })),
        },
      ],
    };
  };

  const axes = (facts, paint, narrow) => {
    const many = facts.series.length > 1;
    const days = facts.kind === "line" && facts.labels.length > 2 && facts.labels.every((label) => /^\d{4}-\d\d-\d\d$/.test(label));
    const names = {
      type: days ? "time" : "category", minInterval: days ? 86400000 : undefined, data: days ? undefined : facts.labels, inverse: facts.across, axisLine: { lineStyle: { color: paint.line } }, axisTick: { show: false },
      axisLabel: { color: paint.quiet, ...(facts.across ? { width: narrow ? 110 : 220, overflow: "truncate" } : { hideOverlap: true }) },
    };
    const values = {
      type: "value", splitNumber: 4, minInterval: facts.measure === "percent" ? undefined : 1, splitLine: { lineStyle: { color: paint.line } },
      axisLabel: { color: paint.quiet, hideOverlap: true, formatter: (value) => brief(value, facts) },
    };
    return {
      grid: { left: 8, right: 20, top: 16, bottom: many ? 36 : 8, containLabel: true },
      legend: many ? { type: "scroll", bottom: 0, itemWidth: 14, itemHeight: 8, textStyle: { color: paint.quiet }, pageTextStyle: { color: paint.quiet } } : undefined,
      aria: { enabled: true, label: { enabled: false }, decal: { show: facts.series.length > paint.series.length } },
      xAxis: facts.across ? values : names,
      yAxis: facts.across ? names : values,
      series: facts.series.map(({ name, values: data, target }, place) => ({
        name, data: data.map((value, point) => (days ? [facts.labels[point], value ?? "-"] : value ?? "-")), type: facts.kind === "line" ? "line" : "bar", stack: facts.kind === "stack" ? "all" : undefined,
        showSymbol: facts.kind === "line" && facts.labels.length < 3, connectNulls: true, barMaxWidth: 28,
        lineStyle: { width: 2, type: target ? "dashed" : "solid" },
        areaStyle: facts.kind === "line" && !target && place === 0 ? { opacity: 0.1 } : undefined,
      })),
    };
  };

  const option = (facts, paint, narrow) => {
    const round = facts.kind === "pie" || facts.kind === "funnel";
    return {
      color: paint.series,
      textStyle: { color: paint.quiet, fontFamily: paint.font },
      animationDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 250,
      tooltip: {
        renderMode: "richText", confine: true, trigger: round ? "item" : "axis", backgroundColor: paint.card, borderColor: paint.line,
        textStyle: { color: paint.ink }, valueFormatter: (value) => whole(Array.isArray(value) ? value[1] : value, facts),
      },
      ...(facts.kind === "pie" ? pie(facts, paint, narrow) : facts.kind === "funnel" ? funnel(facts, paint) : axes(facts, paint, narrow)),
    };
  };

  const paint = (figure) => {
    const place = figure.querySelector(".by-chart-picture");
    const facts = JSON.parse(figure.dataset.chart);
    drawn.get(figure)?.chart.dispose();
    if (facts.across || facts.kind === "funnel") place.style.height = `${Math.max(140, facts.labels.length * (facts.kind === "funnel" ? 56 : 34) + 64)}px`;
    const chart = echarts.init(place, null, { renderer: "canvas", locale: language.startsWith("en") ? "EN" : "ZH" });
    chart.setOption(option(facts, paints(figure), place.clientWidth < 420));
    drawn.set(figure, { chart, facts });
  };

  const show = (figure, view) => {
    for (const button of all("[data-chart-view]", figure)) button.setAttribute("aria-pressed", String(button.dataset.chartView === view));
    figure.querySelector(".by-chart-picture").hidden = view !== "picture";
    figure.querySelector(".by-chart-table").hidden = view !== "table";
    figure.querySelector("[data-chart-save]").hidden = view !== "picture";
    if (view === "picture") drawn.get(figure)?.chart.resize();
  };

  const widths = new ResizeObserver((entries) => {
    for (const { target } of entries) if (target.clientWidth) drawn.get(target.closest("figure"))?.chart.resize();
  });

  const draw = () => {
    for (const [figure, { chart }] of drawn) {
      if (figure.isConnected) continue;
      chart.dispose();
      drawn.delete(figure);
    }
    for (const figure of all("[data-chart]:not([data-drawn])")) {
      figure.dataset.drawn = "1";
      figure.querySelector(".by-chart-tools").hidden = false;
      show(figure, "picture");
      paint(figure);
      widths.observe(figure.querySelector(".by-chart-picture"));
    }
  };

  // The saved picture carries its title, its sentence, whose figures they are and when it was taken.
  const lines = (pen, text, width) => {
    const found = [""];
    for (const sign of text) {
      if (pen.measureText(found.at(-1) + sign).width > width) found.push("");
      found[found.length - 1] += sign;
    }
    return found;
  };
  const save = (figure) => {
    const { chart, facts } = drawn.get(figure);
    const colours = paints(figure);
    const picture = chart.renderToCanvas({ pixelRatio: 2, backgroundColor: colours.card });
    const page = document.createElement("canvas");
    const pen = page.getContext("2d");
    const quiet = `26px ${colours.font}`;
    pen.font = quiet;
    const words = lines(pen, facts.says, picture.width - 64);
    page.width = picture.width;
    page.height = picture.height + 96 + words.length * 38 + 56;
    pen.fillStyle = colours.card;
    pen.fillRect(0, 0, page.width, page.height);
    pen.fillStyle = colours.ink;
    pen.font = `600 34px ${colours.font}`;
    pen.fillText(facts.title, 32, 56, page.width - 64);
    pen.fillStyle = colours.quiet;
    pen.font = quiet;
    words.forEach((line, place) => pen.fillText(line, 32, 102 + place * 38));
    pen.drawImage(picture, 0, 88 + words.length * 38);
    const whose = document.querySelector(".by-top-name")?.textContent.trim() ?? "";
    pen.fillText(`${whose} · ${new Date().toLocaleString(language, { timeZone: "Asia/Shanghai" })}`, 32, page.height - 24);
    page.toBlob((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = `${facts.title}.png`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    }, "image/png");
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-chart-view], [data-chart-save]");
    const figure = button?.closest("[data-chart]");
    if (!figure) return;
    if (button.dataset.chartView) show(figure, button.dataset.chartView);
    else save(figure);
  });
  const again = () => { for (const figure of drawn.keys()) paint(figure); };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);

  const script = document.createElement("script");
  script.src = document.querySelector("script[data-echarts]").dataset.echarts;
  script.onload = draw;
  document.head.append(script);
  window.drawCharts = () => { if (window.echarts) draw(); };
})();
