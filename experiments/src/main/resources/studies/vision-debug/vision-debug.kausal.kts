// Why a classifier misclassifies images, and which layers and patches tell two images apart.
//
//     ./kausal run vision-debug --model FOLDER --set pictures=/path/to/images \
//         --set first=/path/to/images/cat/1.png --set right=cat \
//         --set second=/path/to/images/dog/1.png --set wrong=dog
//
// Without settings: handwritten digits that embedded:digits was not trained on, among them all of a thousand that it
// reads wrong. With mistakes=false, every picture is explained, whether the model is right about it or not.
experiment("vision-debug") {
    val vit = model<ImageClassifier>("embedded:digits")
    val pictures by parameter("pictures")                  // a folder for each class, called as the model calls it
    val mistakes by parameter(true)
    val most by parameter(3)                               // number of mistakes, those that the model is surest of
    val removed by parameter(4)                            // number of patches ablated together
    val first by parameter("pictures/3/012-3.png")
    val right by parameter("3")
    val second by parameter("pictures/8/008-8.png")
    val wrong by parameter("8")

    val all = images(vit) { classFolders(pictures) }
    val seen = if (mistakes) all.filter(mistaken(atMost = most)) else all
    val why by debugPrediction(seen, patches = removed, heads = 3)

    val pair = contrasts(vit) {
        contrast(clean = image(first), answer = right, corrupted = image(second), foil = wrong)
    }
    // 0 is the corrupted image, 1 the clean one: which patch, at which layer, brings the clean class back?
    val trace by sweep(pair, recovery(logitDifference)) {
        each(layers, patchGrid) { layer, at -> patch(from = clean, to = corrupted, layer).at(at) }
    }
    val allPatches by sweep(pair, recovery(logitDifference)) {
        each(layers) { layer -> patch(from = clean, to = corrupted, layer).at(patches) }
    }
    // Causal tracing on one image: noise on every patch, and the clean stream put back, one patch at a time.
    val traced by sweep(pair, recovery(logitDifference)) {
        val noised = noise(patches, samples = 3)
        each(layers, patchGrid) { layer, at -> patch(from = clean, to = noised, layer).at(at) }
    }
    val needed by sweep(pair, logitDifference) { each(heads) { head -> ablate(head) } }

    report {
        findings(why, needed, trace)
        debug(why)
        heatmap(trace, "Recovered logit difference, one patch of one layer patched")
        lines(allPatches, "Recovered logit difference, all patches of one layer patched")
        heatmap(traced, "Causal tracing: recovered logit difference of the noised image, by patch")
        heatmap(needed, "Logit difference with one head ablated")
    }
}
