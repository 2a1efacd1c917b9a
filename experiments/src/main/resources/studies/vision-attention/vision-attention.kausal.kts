// Where a vision transformer looks, and what of it is needed.
//
//     ./kausal run vision-attention --model FOLDER --set pictures=/path/to/images
experiment("vision-attention") {
    val vit = model<ImageClassifier>("embedded:digits")
    val pictures by parameter("pictures")                  // a folder of PNG and JPEG files

    val seen = images(vit) { folder(pictures) }

    // From [CLS] to the patches: each head of the last layer, then each layer.
    val lastLayer by attentionMaps(seen, layers = -1..-1)
    val layerByLayer by attentionMaps(seen, meanOverHeads = true)

    // Through all layers: as published, with the strongest head and only the strongest weights, without the residual.
    val rolled by rollout(seen)
    val strict by rollout(seen, fusion = HeadFusion.Max, discard = 0.9)
    val accumulated by attentionFlow(seen)
    // What counts for the predicted class.
    val weighted by gradientAttention(seen, of = predicted)
    val agree by mapAgreement(rolled, strict, accumulated, weighted, layerByLayer)

    // From one patch, and what each block leaves at the patches.
    val fromCorner by attentionMaps(seen, layers = -1..-1, from = patchAt(0, 0), meanOverHeads = true)
    val written by activationMaps(seen, of = featureMean)

    // How heads look.
    val spread by attentionMeasure(seen, entropy)
    val unlike by attentionMeasure(seen, diversity)
    val focused by attentionMeasure(seen, concentration)
    val reach by attentionMeasure(seen, distance)
    val alike by specialisation(seen)
    // A hook that only watches: where does a head give one position more than nine tenths of its attention?
    val staring by watch(
        seen, kinds = listOf(HookKind.PATTERN), calls = whenever { x, _ -> x.max().getFloat() > 0.9f },
    ) { _, _ -> }

    // A picture of attention is no proof: what does the prediction lose without a head? KL in nats; no label is needed.
    val needed by sweep(seen, kl) { each(heads) { head -> ablate(head) } }

    report {
        findings(agree, lastLayer, needed)
        heatmap(lastLayer, "From [CLS] to patches, heads of the last layer")
        heatmap(layerByLayer, "From [CLS] to patches, layer by layer")
        heatmap(rolled, "Rollout")
        heatmap(strict, "Rollout of the strongest heads and weights")
        heatmap(accumulated, "Accumulated attention")
        heatmap(weighted, "Weighted by the gradient of the predicted class")
        heatmap(agree, "Do these maps agree?")
        imageMap(fromCorner, "From the upper left patch to the others, last layer")
        imageMap(written, "What each block leaves at the patches, mean over features")
        heatmap(spread, "Entropy of attention")
        lines(unlike, "How unlike the heads of a layer look")
        heatmap(focused, "Concentration on few patches")
        heatmap(reach, "Mean attention distance")
        heatmap(alike, "Which heads look alike")
        imageMap(alike.maps, "The maps behind it, mean over images")
        bars(staring, "Layers in which some head stares at one position, share of images")
        heatmap(needed, "What the prediction loses without a head")
    }
}
