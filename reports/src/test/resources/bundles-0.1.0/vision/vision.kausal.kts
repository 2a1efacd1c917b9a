// One of each analysis of images.
experiment("vision") {
    val vit = model<ImageClassifier>("embedded:digits")
    val seen = images(vit) { image("seven.png", label = "7") }
    val rolled by rollout(seen)
    val weighted by gradientAttention(seen)
    val agree by mapAgreement(rolled, weighted)
    val maps by attentionMaps(seen, layers = -1..-1)
    val written by activationMaps(seen, layers = -1..-1)
    val spread by attentionMeasure(seen, entropy)
    val alike by specialisation(seen, layers = -1..-1, clusters = 2)
    val why by debugPrediction(seen, patches = 2, heads = 1)
}
