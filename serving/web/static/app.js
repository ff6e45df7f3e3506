// Copies the request on the page as a curl command.
document.addEventListener("click", (event) => {
  const address = event.target.dataset?.copyCurl;
  if (!address) return;
  const body = document.getElementById("body").value.replaceAll("'", "'\\''");
  navigator.clipboard.writeText(`curl -s ${address} -H 'Content-Type: application/json' -d '${body}'`);
});

// A slider beside a number field: shown only where scripts run, and moving with it.
document.querySelectorAll("input[type=range][data-for]").forEach((slider) => {
  const field = document.getElementById(slider.dataset.for);
  slider.hidden = false;
  slider.addEventListener("input", () => { field.value = slider.value; });
  field.addEventListener("input", () => { if (field.value) slider.value = field.value; });
});

// Buttons that print the page.
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
