const pictures = [...document.querySelectorAll(".pictures img")];
const slider = document.querySelector(".pictures input");
slider.addEventListener("input", () => {
  pictures.forEach((picture, index) => (picture.hidden = index !== slider.valueAsNumber));
  document.querySelector(".pictures output").value = pictures[slider.valueAsNumber].dataset.step;
});
