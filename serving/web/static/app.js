// Copies the request on the page as a curl command.
document.addEventListener("click", (event) => {
  const address = event.target.dataset?.copyCurl;
  if (!address) return;
  const body = document.getElementById("body").value.replaceAll("'", "'\\''");
  navigator.clipboard.writeText(`curl -s ${address} -H 'Content-Type: application/json' -d '${body}'`);
});
