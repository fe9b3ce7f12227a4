// <prompt-composer> around the form of /create/: keys, drop and paste, suggestions, and never a price that is not shown.

const LOOKS = ["style", "adapter", "adapter_weight", "control", "control_kind", "control_strength", "control_map"];
const TAKEN = ["image/png", "image/jpeg", "image/webp", "image/avif"];

class PromptComposer extends HTMLElement {
  #isPricing = false;
  #isWaiting = false;
  #leave = new AbortController();

  connectedCallback() {
    const { signal } = this.#leave;
    this.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.addEventListener("input", (event) => this.#typed(event), { signal });
    this.addEventListener("change", (event) => this.#typed(event), { signal });
    this.addEventListener("submit", (event) => this.#submit(event), { signal, capture: true });
    this.addEventListener("click", (event) => this.#click(event), { signal });
    // Anywhere on the page: a drop beside the box is meant for the box.
    document.addEventListener("dragover", (event) => this.#drag(event), { signal });
    document.addEventListener("dragleave", (event) => this.#left(event), { signal });
    document.addEventListener("drop", (event) => this.#drop(event), { signal });
    document.addEventListener("paste", (event) => this.#paste(event), { signal });
    this.addEventListener("htmx:finally:request", (event) => this.#answered(event), { signal });
    this.addEventListener("draft-restored", (event) => this.#restored(event.detail.values), { signal });
    this.addEventListener("htmx:after:swap", () => this.#followModel(), { signal });
    this.#freshKey();
    this.#followModel();
  }

  disconnectedCallback() {
    this.#leave.abort();
    this.#leave = new AbortController();
  }

  get #form() {
    return this.querySelector("form");
  }

  /** A page from the back/forward cache would send the idempotency key of a job that was already made. */
  #freshKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const key = this.#form?.elements.key;
    if (key) key.value = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  #key(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    this.#form.requestSubmit(this.querySelector("[data-generate]"));
  }

  #typed(event) {
    if (event.target.closest("[data-prices]")) this.#isPricing = true;
    if (event.type !== "change") {
      // The row that is under way would take the place of what was chosen meanwhile.
      if (event.target.closest("#composer-looks.htmx-request")) this.#askForLooks({});
      return;
    }
    if (event.target.name === "model") {
      this.#followModel();
      if (this.#form.elements.reference) this.#askForReferences({});
    } else if (event.target.name === "adapter") this.#followAdapter(event.target);
    else if (event.target.matches("[data-redraws]")) this.#askForReferences({});
  }

  /** A press between a change and its new price waits for the price. */
  #submit(event) {
    if (!this.#isPricing) return;
    event.preventDefault();
    event.stopPropagation();
    this.#isWaiting = true;
  }

  #answered(event) {
    const source = event.detail.ctx.sourceElement;
    // The file was uploaded: sent again with the form, it would be uploaded twice.
    if (source.type === "file") source.value = "";
    if (source.id !== "composer-quote") return;
    this.#isPricing = false;
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    this.#form.requestSubmit(this.querySelector("[data-generate]"));
  }

  #restored({ reference, strength, use, ...kept }) {
    const { elements } = this.#form;
    const looks = Object.fromEntries(LOOKS.map((name) => [name, kept[name]?.[0] ?? elements[name]?.value ?? ""]));
    if (["style", "adapter", "control"].some((name) => looks[name] && elements[name]?.value !== looks[name])) this.#askForLooks(looks);
    if (!reference?.[0] || this.#form.elements.reference) return;
    this.#askForReferences({ reference: reference[0], strength: strength?.[0] ?? "", use: use?.[0] ?? "" });
  }

  /** The references are drawn by the server, which knows what the model does and says what was deleted meanwhile. */
  #askForReferences(changes) {
    const { elements } = this.#form;
    const typed = Object.fromEntries(["model", "reference", "strength", "use"].map((name) => [name, elements[name]?.value ?? ""]));
    const place = this.querySelector("#composer-reference");
    const address = this.querySelector("[name=reference_file]").getAttribute("hx-post");
    htmx.ajax("POST", address, { source: place, target: place, swap: "outerHTML", values: { ...typed, ...changes } });
  }

  /** The rows of another model, which the server draws: it says what became of the chosen style and LoRA. */
  #askForLooks(values) {
    const place = this.querySelector("#composer-looks");
    htmx.ajax("POST", place.getAttribute("hx-post"), { source: place, target: place, swap: "outerHTML", values });
  }

  /** What models take differs: it is on their options, or on their cards. */
  #followModel() {
    const chosen = this.querySelector("#id_model :checked")?.dataset;
    if (!chosen) return;
    for (const name of ["steps", "guidance"]) {
      const field = this.#form.elements[name];
      [field.min, field.max, field.placeholder] = chosen[name].split(" ");
    }
    const most = Number(chosen.references);
    for (const button of this.querySelectorAll("[data-takes-references]")) button.hidden = most === 0;
    this.querySelector("[name=reference_file]").multiple = most > 1;
  }

  /** An empty weight is the usual one of the chosen LoRA. */
  #followAdapter(chosen) {
    const weight = this.#form.elements.adapter_weight;
    if (chosen.checked && weight) weight.placeholder = chosen.dataset.weight;
  }

  #click(event) {
    this.#choseModel(event);
    const suggestion = event.target.closest("[data-suggestion]");
    if (!suggestion || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const prompt = this.#form.elements.prompt;
    prompt.value = suggestion.dataset.suggestion;
    prompt.dispatchEvent(new Event("input", { bubbles: true }));
    prompt.focus();
  }

  /** A card that was pressed is the choice, and the others go; who walks through them with arrow keys still looks. */
  #choseModel({ target, detail }) {
    const cards = target.closest(".model-choice");
    if (!cards || target.name !== "model" || detail === 0) return;
    cards.querySelector("details").open = false;
    cards.scrollIntoView({ block: "nearest" });
  }

  // --- reference pictures by drop or paste ----------------------------------------------------------------------

  #drag(event) {
    if (![...event.dataTransfer.items].some((item) => item.kind === "file")) return;
    event.preventDefault();
    this.#form.dataset.dropping = "";
  }

  #left(event) {
    if (!event.relatedTarget) delete this.#form.dataset.dropping;
  }

  #drop(event) {
    delete this.#form.dataset.dropping;
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    this.#take([...event.dataTransfer.files]);
  }

  /** Of several kinds of one picture the one that can be used; of a kind that can't, the server says why. */
  #paste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    const file = files.find(({ type }) => TAKEN.includes(type)) ?? files[0];
    if (!file || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    this.#take([file]);
  }

  #take(files) {
    const input = this.querySelector("[name=reference_file]");
    const basket = new DataTransfer();
    for (const file of input.multiple ? files : files.slice(0, 1)) basket.items.add(file);
    input.files = basket.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

customElements.define("prompt-composer", PromptComposer);
