// Why images are sorted as they are, and where in the model two images part.
//
//     ./kausal run vision-debug --model FOLDER --set pictures=/path/to/images \
//         --set first=/path/to/images/cat/1.png --set right=cat \
//         --set second=/path/to/images/dog/1.png --set wrong=dog
experiment("vision-debug") {
    val vit = model<ImageClassifier>("embedded:digits")
    val pictures by parameter("pictures")                  // a folder for each class, called as the model calls it
    val first by parameter("pictures/3/a.png")
    val right by parameter("3")
    val second by parameter("pictures/8/a.png")
    val wrong by parameter("8")

    val seen = images(vit) { classFolders(pictures) }
    val why by debugPrediction(seen, patches = 8, heads = 3)

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
        debug(why)
        heatmap(trace, "What each patch brings back, by layer")
        lines(allPatches, "What all patches together bring back")
        heatmap(traced, "What each patch brings back of a noised image")
        heatmap(needed, "What is lost without a head")
    }
}
