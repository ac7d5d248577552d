<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<!-- What core describes (tasks, samplers, settings): not found by lupdate, kept complete by a test. -->
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>core</name>
    <message>
        <source>Fill what I painted</source>
        <translation>Gemaltes ausfüllen</translation>
    </message>
    <message>
        <source>Fills the painted pixels; the rest is kept.</source>
        <translation>Füllt die gemalten Pixel; der Rest bleibt.</translation>
    </message>
    <message>
        <source>Missing centre</source>
        <translation>Fehlende Mitte</translation>
    </message>
    <message>
        <source>The central 150/256 of each side is missing.</source>
        <translation>Die mittleren 150/256 jeder Seite fehlen.</translation>
    </message>
    <message>
        <source>Missing right half</source>
        <translation>Fehlende rechte Hälfte</translation>
    </message>
    <message>
        <source>The right half is missing.</source>
        <translation>Die rechte Hälfte fehlt.</translation>
    </message>
    <message>
        <source>Missing top half</source>
        <translation>Fehlende obere Hälfte</translation>
    </message>
    <message>
        <source>The upper half is missing.</source>
        <translation>Die obere Hälfte fehlt.</translation>
    </message>
    <message>
        <source>Missing bottom half</source>
        <translation>Fehlende untere Hälfte</translation>
    </message>
    <message>
        <source>The lower half is missing.</source>
        <translation>Die untere Hälfte fehlt.</translation>
    </message>
    <message>
        <source>Expand the centre</source>
        <translation>Mitte erweitern</translation>
    </message>
    <message>
        <source>Only the central 78/256 of each side is known.</source>
        <translation>Nur die mittleren 78/256 jeder Seite sind bekannt.</translation>
    </message>
    <message>
        <source>Random pixels missing</source>
        <translation>Zufällige Pixel fehlen</translation>
    </message>
    <message>
        <source>A share of all pixels, drawn at random, is missing.</source>
        <translation>Ein zufällig gezogener Teil aller Pixel fehlt.</translation>
    </message>
    <message>
        <source>Missing share</source>
        <translation>Fehlender Anteil</translation>
    </message>
    <message>
        <source>Share of the pixels that is missing, 0 to 1.</source>
        <translation>Anteil der fehlenden Pixel, 0 bis 1.</translation>
    </message>
    <message>
        <source>Mask seed</source>
        <translation>Startwert der Maske</translation>
    </message>
    <message>
        <source>Seed of the random mask.</source>
        <translation>Startwert der zufälligen Maske.</translation>
    </message>
    <message>
        <source>Remove noise</source>
        <translation>Rauschen entfernen</translation>
    </message>
    <message>
        <source>The photo with white Gaussian noise; its strength is the noise level.</source>
        <translation>Das Foto mit weißem Gaußschem Rauschen; dessen Stärke ist der Rauschwert.</translation>
    </message>
    <message>
        <source>Enlarge 4 times</source>
        <translation>4-fach vergrößern</translation>
    </message>
    <message>
        <source>Enlarge 8 times</source>
        <translation>8-fach vergrößern</translation>
    </message>
    <message>
        <source>Enlarge 16 times</source>
        <translation>16-fach vergrößern</translation>
    </message>
    <message>
        <source>Each 4x4 block was averaged into one pixel.</source>
        <translation>Je 4x4 Pixel wurden zu einem gemittelt.</translation>
    </message>
    <message>
        <source>Each 8x8 block was averaged into one pixel.</source>
        <translation>Je 8x8 Pixel wurden zu einem gemittelt.</translation>
    </message>
    <message>
        <source>Each 16x16 block was averaged into one pixel.</source>
        <translation>Je 16x16 Pixel wurden zu einem gemittelt.</translation>
    </message>
    <message>
        <source>Remove Gaussian blur</source>
        <translation>Weichzeichnung entfernen</translation>
    </message>
    <message>
        <source>Convolved with a Gaussian.</source>
        <translation>Mit einer Gaußkurve gefaltet.</translation>
    </message>
    <message>
        <source>Blur radius</source>
        <translation>Radius</translation>
    </message>
    <message>
        <source>Standard deviation of the Gaussian, in pixels.</source>
        <translation>Standardabweichung der Gaußkurve, in Pixeln.</translation>
    </message>
    <message>
        <source>Remove motion blur</source>
        <translation>Verwackeln entfernen</translation>
    </message>
    <message>
        <source>Convolved with a straight line.</source>
        <translation>Mit einer geraden Linie gefaltet.</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>Länge</translation>
    </message>
    <message>
        <source>Length of the motion, in pixels.</source>
        <translation>Länge der Bewegung, in Pixeln.</translation>
    </message>
    <message>
        <source>Direction</source>
        <translation>Richtung</translation>
    </message>
    <message>
        <source>Direction of the motion, in degrees counter-clockwise from right.</source>
        <translation>Richtung der Bewegung, in Grad gegen den Uhrzeigersinn von rechts.</translation>
    </message>
    <message>
        <source>Remove JPEG artefacts</source>
        <translation>JPEG-Fehler entfernen</translation>
    </message>
    <message>
        <source>Compressed as JPEG; the noise level stands for the error of its rounding.</source>
        <translation>Als JPEG gepackt; der Rauschwert steht für den Fehler durch die Rundung.</translation>
    </message>
    <message>
        <source>JPEG quality</source>
        <translation>JPEG-Qualität</translation>
    </message>
    <message>
        <source>JPEG quality, 1 (worst) to 100.</source>
        <translation>JPEG-Qualität, 1 (schlechteste) bis 100.</translation>
    </message>
    <message>
        <source>Rounding</source>
        <translation>Rundung</translation>
    </message>
    <message>
        <source>What is made of the file's rounding. coefficients: an error of each DCT coefficient by its step (noise 0.15); straight_through: an error of the pixels; soft: the paper's cubic (use noise 0.05).</source>
        <translation>Was aus dem Runden der Datei gemacht wird. Koeffizienten: ein Fehler jedes DCT-Koeffizienten nach seiner Stufe (Rauschen 0,15); Pixel: ein Fehler der Pixel; kubisch: wie in der Veröffentlichung (mit Rauschen 0,05).</translation>
    </message>
    <message>
        <source>Colourise</source>
        <translation>Kolorieren</translation>
    </message>
    <message>
        <source>Only the mean of the colours is known.</source>
        <translation>Nur der Mittelwert der Farben ist bekannt.</translation>
    </message>
    <message>
        <source>Outer steps</source>
        <translation>Äußere Schritte</translation>
    </message>
    <message>
        <source>Noise levels from pure noise to the signal (n).</source>
        <translation>Rauschstufen von reinem Rauschen bis zum Signal (n).</translation>
    </message>
    <message>
        <source>Gibbs repetitions</source>
        <translation>Gibbs-Wiederholungen</translation>
    </message>
    <message>
        <source>Gibbs sweeps at each noise level (R).</source>
        <translation>Gibbs-Durchgänge auf jeder Rauschstufe (R).</translation>
    </message>
    <message>
        <source>Denoising steps</source>
        <translation>Entrauschungsschritte</translation>
    </message>
    <message>
        <source>Points of the DDIM grid from tau to 0 (M); M - 1 network evaluations.</source>
        <translation>Punkte des DDIM-Gitters von tau bis 0 (M); M - 1 Netzauswertungen.</translation>
    </message>
    <message>
        <source>Gradient steps</source>
        <translation>Gradientenschritte</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>Lernrate</translation>
    </message>
    <message>
        <source>Adam's absolute learning rate at outer step i: a number, or rules over i.</source>
        <translation>Adams absolute Lernrate bei Schritt i: eine Zahl oder Regeln über i.</translation>
    </message>
    <message>
        <source>Variational update</source>
        <translation>Variationsschritt</translation>
    </message>
    <message>
        <source>Conjugate gradient steps</source>
        <translation>Schritte konjugierter Gradienten</translation>
    </message>
    <message>
        <source>Conjugate gradient tolerance</source>
        <translation>Toleranz konjugierter Gradienten</translation>
    </message>
    <message>
        <source>gauss_newton: a sample is done when the residual of the normal equations has shrunk to this share; 0 takes all steps.</source>
        <translation>Gauß-Newton: Ein Ergebnis ist fertig, wenn das Residuum der Normalgleichungen auf diesen Anteil gesunken ist; 0 macht alle Schritte.</translation>
    </message>
    <message>
        <source>Law of tau</source>
        <translation>Gesetz von tau</translation>
    </message>
    <message>
        <source>How the earlier time is drawn: uniform below t, mix (uniform, then the level below t), deterministic, mix-det (3/4 t, then below t), zero (near 0).</source>
        <translation>Wie die frühere Zeit gezogen wird: gleichverteilt (unter t), gemischt (gleichverteilt, dann die Stufe unter t), fest, gemischt fest (3/4 t, dann unter t), null (nahe 0).</translation>
    </message>
    <message>
        <source>Threshold</source>
        <translation>Schwelle</translation>
    </message>
    <message>
        <source>Outer step at which the mix laws change.</source>
        <translation>Äußerer Schritt, bei dem die gemischten Gesetze wechseln.</translation>
    </message>
    <message>
        <source>Smallest tau</source>
        <translation>Kleinstes tau</translation>
    </message>
    <message>
        <source>Smallest earlier time of the uniform laws.</source>
        <translation>Kleinste frühere Zeit der gleichverteilten Gesetze.</translation>
    </message>
    <message>
        <source>Tau for each sample</source>
        <translation>Tau je Ergebnis</translation>
    </message>
    <message>
        <source>Draw tau for each sample of a batch instead of one for all.</source>
        <translation>Tau für jedes Ergebnis einzeln ziehen statt eines für alle.</translation>
    </message>
    <message>
        <source>Stochasticity</source>
        <translation>Zufallsanteil</translation>
    </message>
    <message>
        <source>eta of the outer bridge and of the denoising steps: 0 deterministic, 1 as DDPM.</source>
        <translation>eta der äußeren Brücke und der Entrauschungsschritte: 0 deterministisch, 1 wie DDPM.</translation>
    </message>
    <message>
        <source>As the public code</source>
        <translation>Wie der öffentliche Code</translation>
    </message>
    <message>
        <source>Keep the conventions of the paper's public code (n - 3 outer steps, one tau for the batch).</source>
        <translation>Die Konventionen des öffentlichen Codes zur Veröffentlichung behalten (n - 3 äußere Schritte, ein tau für alle).</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>Denoising steps, one network evaluation each.</source>
        <translation>Entrauschungsschritte, je eine Netzauswertung.</translation>
    </message>
    <message>
        <source>eta of the reverse steps: 0 deterministic, 1 as DDPM.</source>
        <translation>eta der Rückwärtsschritte: 0 deterministisch, 1 wie DDPM.</translation>
    </message>
    <message>
        <source>Guidance</source>
        <translation>Führung</translation>
    </message>
    <message>
        <source>Step size: 1 for enlarging and missing parts, 0.3 for blur, 0.2 for JPEG, 0.1 else.</source>
        <translation>Schrittweite: 1 für Vergrößern und fehlende Teile, 0.3 für Unschärfe, 0.2 für JPEG, sonst 0.1.</translation>
    </message>
    <message>
        <source>Pull of the observation</source>
        <translation>Zug der Beobachtung</translation>
    </message>
    <message>
        <source>eta_b: share of the observation where it is less noisy than the level.</source>
        <translation>eta_b: Anteil der Beobachtung, wo sie weniger rauscht als die Stufe.</translation>
    </message>
    <message>
        <source>Weight of the prior</source>
        <translation>Gewicht des Priors</translation>
    </message>
    <message>
        <source>lambda: strength of the denoised estimate against the observation.</source>
        <translation>lambda: Stärke der entrauschten Schätzung gegenüber der Beobachtung.</translation>
    </message>
    <message>
        <source>Fresh noise</source>
        <translation>Neues Rauschen</translation>
    </message>
    <message>
        <source>zeta: share of the noise that is drawn anew; 1 for missing parts, 0.1 for enlarging and blur.</source>
        <translation>zeta: Anteil des neu gezogenen Rauschens; 1 für fehlende Teile, 0.1 für Vergrößern und Unschärfe.</translation>
    </message>
    <message>
        <source>Adam's learning rate.</source>
        <translation>Adams Lernrate.</translation>
    </message>
    <message>
        <source>Strength of the network's term against the observation's.</source>
        <translation>Stärke des Netzterms gegenüber der Beobachtung.</translation>
    </message>
    <message>
        <source>Return the state at the last noise level, as the public code does.</source>
        <translation>Den Zustand auf der letzten Rauschstufe zurückgeben, wie der öffentliche Code.</translation>
    </message>
    <message>
        <source>Share the observed coordinates' noise between the samples, as the public code does.</source>
        <translation>Das Rauschen der beobachteten Koordinaten für alle Ergebnisse teilen, wie der öffentliche Code.</translation>
    </message>
    <message>
        <source>Return the state at the last noise level and draw a start of its own, as the public code does.</source>
        <translation>Den Zustand auf der letzten Rauschstufe zurückgeben und einen eigenen Anfang ziehen, wie der öffentliche Code.</translation>
    </message>
    <message>
        <source>Average over the whole batch, as the public code does.</source>
        <translation>Über alle Ergebnisse mitteln, wie der öffentliche Code.</translation>
    </message>
    <message>
        <source>It needs a degradation whose singular value decomposition is known.</source>
        <translation>Er braucht einen Schaden, dessen Singulärwertzerlegung bekannt ist.</translation>
    </message>
    <message>
        <source>It needs a linear degradation.</source>
        <translation>Er braucht einen linearen Schaden.</translation>
    </message>
    <message>
        <source>Mixture-guided diffusion: Gibbs steps between an earlier time, the clean signal and the current state.</source>
        <translation>Mischungsgeführte Diffusion: Gibbs-Schritte zwischen einer früheren Zeit, dem klaren Signal und dem gegenwärtigen Zustand.</translation>
    </message>
    <message>
        <source>Ancestral steps, each followed by a gradient step on the misfit through the network.</source>
        <translation>Rückwärtsschritte, je gefolgt von einem Gradientenschritt auf die Abweichung durch das Netz.</translation>
    </message>
    <message>
        <source>Ancestral steps guided by the pseudo-inverse's misfit through the network.</source>
        <translation>Rückwärtsschritte, geführt von der Abweichung der Pseudoinversen durch das Netz.</translation>
    </message>
    <message>
        <source>Replaces what the observation determines of each clean estimate; no gradients.</source>
        <translation>Ersetzt in jeder klaren Schätzung, was die Beobachtung festlegt; ohne Gradienten.</translation>
    </message>
    <message>
        <source>Mixes the observation into each spectral coordinate by its noise; no gradients.</source>
        <translation>Mischt die Beobachtung je nach Rauschen in jede spektrale Koordinate; ohne Gradienten.</translation>
    </message>
    <message>
        <source>Plug-and-play: a proximal step on the clean estimate, then noise again; no gradients.</source>
        <translation>Plug-and-play: ein proximaler Schritt auf die klare Schätzung, dann wieder Rauschen; ohne Gradienten.</translation>
    </message>
    <message>
        <source>Fits one picture to the observation and to the network's opinion at all noise levels; seeks a mode.</source>
        <translation>Passt ein Bild an die Beobachtung und an die Meinung des Netzes auf allen Rauschstufen an; sucht einen Modus.</translation>
    </message>
    <message>
        <source>Samples the prior and ignores the observation: shows what the model knows by itself.</source>
        <translation>Zieht aus dem Prior und übergeht die Beobachtung: zeigt, was das Modell von sich aus weiß.</translation>
    </message>
    <message>
        <source>eta of DDIM: 0 deterministic, 1 as DDPM.</source>
        <translation>eta von DDIM: 0 deterministisch, 1 wie DDPM.</translation>
    </message>
    <message>
        <source>Steps of the update at outer step i (G): a number, or rules over i. gauss_newton: linearisations; elliptical_slice: moves; ensemble_kalman: updates.</source>
        <translation>Schritte der Aktualisierung im äußeren Schritt i (G): eine Zahl oder Regeln über i. Gauß-Newton: Linearisierungen; elliptischer Schnitt: Züge; Ensemble-Kalman: Aktualisierungen.</translation>
    </message>
    <message>
        <source>How x_tau is drawn. gauss_vi: the paper's, by Adam. gauss_newton: perturb and optimise. jacobian_free: the same without going back through the network. elliptical_slice and ensemble_kalman: without any gradient.</source>
        <translation>Wie x_tau gezogen wird. Gauß-VI: wie im Artikel, mit Adam. Gauß-Newton: stören und optimieren. ohne Jacobi-Matrix: dasselbe ohne Rückweg durch das Netz. elliptischer Schnitt und Ensemble-Kalman: ganz ohne Gradienten.</translation>
    </message>
    <message>
        <source>Where the likelihood of x_tau looks. annealed: at x_tau itself; exact Gibbs steps for the posterior with noise tau added. denoised: at the denoiser's estimate, the paper's.</source>
        <translation>Worauf die Likelihood von x_tau schaut. abgekühlt: auf x_tau selbst; exakte Gibbs-Schritte für die Posterior-Verteilung mit zusätzlichem Rauschen tau. entrauscht: auf die Schätzung des Entrauschers, wie im Artikel.</translation>
    </message>
    <message>
        <source>First noise level</source>
        <translation>Erste Rauschstufe</translation>
    </message>
    <message>
        <source>annealed: standard deviation of the first x_tau's noise.</source>
        <translation>abgekühlt: Standardabweichung des Rauschens im ersten x_tau.</translation>
    </message>
    <message>
        <source>Last noise level</source>
        <translation>Letzte Rauschstufe</translation>
    </message>
    <message>
        <source>annealed: standard deviation of the last x_tau's noise, in units of the observation's.</source>
        <translation>abgekühlt: Standardabweichung des Rauschens im letzten x_tau, in Einheiten der Beobachtung.</translation>
    </message>
    <message>
        <source>Resample</source>
        <translation>Neu auswählen</translation>
    </message>
    <message>
        <source>annealed, from 64 samples on: weigh the samples of a batch against each other, which makes the shares of far-apart modes exact.</source>
        <translation>abgekühlt, ab 64 Ergebnissen: wägt die Ergebnisse gegeneinander ab; so stimmen die Anteile weit entfernter Moden.</translation>
    </message>
    <message>
        <source>Second-order denoising</source>
        <translation>Entrauschen zweiter Ordnung</translation>
    </message>
    <message>
        <source>At most, for each linearisation of gauss_newton; at the denoiser's estimate each costs two backward passes.</source>
        <translation>Höchstens, je Linearisierung von Gauß-Newton; bei Führung entrauscht kostet jeder zwei Rückwärtsläufe.</translation>
    </message>
    <message>
        <source>Decoupled annealing: an ODE to the clean estimate, Langevin steps to the observation, then noise again.</source>
        <translation>Entkoppeltes Abkühlen: eine Differentialgleichung zur sauberen Schätzung, Langevin-Schritte zur Beobachtung, dann wieder Rauschen.</translation>
    </message>
    <message>
        <source>Annealing levels.</source>
        <translation>Stufen des Abkühlens.</translation>
    </message>
    <message>
        <source>ODE steps</source>
        <translation>ODE-Schritte</translation>
    </message>
    <message>
        <source>Network evaluations of the probability-flow ODE at each level.</source>
        <translation>Netzauswertungen der Differentialgleichung je Stufe.</translation>
    </message>
    <message>
        <source>Langevin steps</source>
        <translation>Langevin-Schritte</translation>
    </message>
    <message>
        <source>Steps towards the observation at each level; the operator's gradient each.</source>
        <translation>Schritte zur Beobachtung je Stufe; je ein Gradient des Operators.</translation>
    </message>
    <message>
        <source>Langevin step size</source>
        <translation>Langevin-Schrittweite</translation>
    </message>
    <message>
        <source>Step size at the first level, for tau = 0.01.</source>
        <translation>Schrittweite der ersten Stufe, für tau = 0,01.</translation>
    </message>
    <message>
        <source>Last step size</source>
        <translation>Letzte Schrittweite</translation>
    </message>
    <message>
        <source>Step size at the last level, as a share of the first.</source>
        <translation>Schrittweite der letzten Stufe als Anteil der ersten.</translation>
    </message>
    <message>
        <source>tau</source>
        <translation>tau</translation>
    </message>
    <message>
        <source>Standard deviation of the observation in the Langevin steps; 0: the observation's own (the public code: 0.01).</source>
        <translation>Standardabweichung der Beobachtung in den Langevin-Schritten; 0: ihre eigene (öffentlicher Code: 0,01).</translation>
    </message>
    <message>
        <source>Standard deviation of the first level.</source>
        <translation>Standardabweichung der ersten Stufe.</translation>
    </message>
    <message>
        <source>Standard deviation of the last level.</source>
        <translation>Standardabweichung der letzten Stufe.</translation>
    </message>
    <message>
        <source>Draw its own start and take tau = 0.01, as the public code does.</source>
        <translation>Eigener Start und tau = 0,01, wie im öffentlichen Code.</translation>
    </message>
    <message>
        <source>Split Gibbs: the observation's step and the prior's in turn, coupled ever closer.</source>
        <translation>Geteiltes Gibbs: abwechselnd ein Schritt der Beobachtung und einer des Priors, immer enger gekoppelt.</translation>
    </message>
    <message>
        <source>Iterations, and one more.</source>
        <translation>Durchgänge, und einer mehr.</translation>
    </message>
    <message>
        <source>First coupling</source>
        <translation>Erste Kopplung</translation>
    </message>
    <message>
        <source>rho: standard deviation between the two variables at first.</source>
        <translation>rho: Standardabweichung zwischen den beiden Größen am Anfang.</translation>
    </message>
    <message>
        <source>Decay</source>
        <translation>Abnahme</translation>
    </message>
    <message>
        <source>Factor of rho from one iteration to the next.</source>
        <translation>Faktor von rho von Durchgang zu Durchgang.</translation>
    </message>
    <message>
        <source>Last coupling</source>
        <translation>Letzte Kopplung</translation>
    </message>
    <message>
        <source>Smallest rho; the smaller, the closer the observation is met.</source>
        <translation>Kleinstes rho; je kleiner, desto genauer wird die Beobachtung getroffen.</translation>
    </message>
    <message>
        <source>Noise levels</source>
        <translation>Rauschstufen</translation>
    </message>
    <message>
        <source>Levels of the reverse diffusion from sigma 100 to 0; those below rho are walked.</source>
        <translation>Stufen der Rückdiffusion von Sigma 100 bis 0; gegangen werden die unter rho.</translation>
    </message>
    <message>
        <source>Langevin steps instead</source>
        <translation>Stattdessen Langevin</translation>
    </message>
    <message>
        <source>Meet the observation by Langevin steps instead of an exact draw.</source>
        <translation>Die Beobachtung durch Langevin-Schritte statt einer exakten Ziehung treffen.</translation>
    </message>
    <message>
        <source>Their number.</source>
        <translation>Ihre Zahl.</translation>
    </message>
    <message>
        <source>Their size.</source>
        <translation>Ihre Größe.</translation>
    </message>
    <message>
        <source>Start below rho, and couple the Langevin steps with the public code's sign and rho.</source>
        <translation>Unter rho beginnen und die Langevin-Schritte mit Vorzeichen und rho des öffentlichen Codes koppeln.</translation>
    </message>
    <message>
        <source>It needs the gradient of the degradation; a black box has none.</source>
        <translation>Er braucht den Gradienten der Schädigung; eine Blackbox hat keinen.</translation>
    </message>
    <message>
        <source>Enlarge by any factor</source>
        <translation>Beliebig vergrößern</translation>
    </message>
    <message>
        <source>Shrunk by any factor with the filter of an image program.</source>
        <translation>Um einen beliebigen Faktor verkleinert, mit dem Filter eines Bildprogramms.</translation>
    </message>
    <message>
        <source>Factor</source>
        <translation>Faktor</translation>
    </message>
    <message>
        <source>How many times each side was shrunk.</source>
        <translation>Wievielfach jede Seite verkleinert wurde.</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>Filter</translation>
    </message>
    <message>
        <source>The filter it was shrunk with: box (area mean), bicubic or lanczos.</source>
        <translation>Womit verkleinert wurde: Flächenmittel, bikubisch oder Lanczos.</translation>
    </message>
    <message>
        <source>Gaussian blur, decomposed</source>
        <translation>Gauß-Unschärfe, zerlegt</translation>
    </message>
    <message>
        <source>Separable Gaussian blur whose weak components are lost altogether.</source>
        <translation>Trennbare Gauß-Unschärfe, deren schwache Anteile ganz verloren sind.</translation>
    </message>
    <message>
        <source>Recover clipped light</source>
        <translation>Abgeschnittenes Licht</translation>
    </message>
    <message>
        <source>Contrast was multiplied and what left the range was cut off.</source>
        <translation>Der Kontrast wurde vervielfacht und abgeschnitten, was darüber hinausging.</translation>
    </message>
    <message>
        <source>Gain</source>
        <translation>Verstärkung</translation>
    </message>
    <message>
        <source>Factor of the contrast; 2 is the paper's.</source>
        <translation>Faktor des Kontrasts; 2 wie im Artikel.</translation>
    </message>
    <message>
        <source>Remove banding</source>
        <translation>Farbstufen entfernen</translation>
    </message>
    <message>
        <source>Rounded to a few levels; the noise level stands for the error of rounding.</source>
        <translation>Auf wenige Stufen gerundet; der Rauschpegel steht für den Rundungsfehler.</translation>
    </message>
    <message>
        <source>Levels</source>
        <translation>Stufen</translation>
    </message>
    <message>
        <source>Values that each colour can have.</source>
        <translation>Werte, die jede Farbe haben kann.</translation>
    </message>
    <message>
        <source>Phase retrieval</source>
        <translation>Phasenrekonstruktion</translation>
    </message>
    <message>
        <source>Only the amplitudes of the Fourier transform are known, not the phases.</source>
        <translation>Bekannt sind nur die Beträge der Fourier-Transformierten, nicht die Phasen.</translation>
    </message>
    <message>
        <source>Oversampling</source>
        <translation>Überabtastung</translation>
    </message>
    <message>
        <source>Zero padding, in eighths of the side.</source>
        <translation>Rand aus Nullen, in Achteln der Seite.</translation>
    </message>
    <message>
        <source>JPEG file, as a black box</source>
        <translation>JPEG-Datei als Blackbox</translation>
    </message>
    <message>
        <source>Compressed by a real JPEG codec, of which no gradient is known.</source>
        <translation>Komprimiert mit einem echten JPEG-Codec, dessen Gradient unbekannt ist.</translation>
    </message>
    <message>
        <source>WebP file, as a black box</source>
        <translation>WebP-Datei als Blackbox</translation>
    </message>
    <message>
        <source>Compressed by a real WebP codec, of which no gradient is known.</source>
        <translation>Komprimiert mit einem echten WebP-Codec, dessen Gradient unbekannt ist.</translation>
    </message>
    <message>
        <source>WebP quality</source>
        <translation>WebP-Qualität</translation>
    </message>
    <message>
        <source>WebP quality, 1 (worst) to 100.</source>
        <translation>WebP-Qualität, 1 (schlechteste) bis 100.</translation>
    </message>
    <message>
        <source>Noise levels from pure noise to the signal.</source>
        <translation>Rauschstufen vom reinen Rauschen zum Signal.</translation>
    </message>
    <message>
        <source>Own kernel</source>
        <translation>Eigener Kern</translation>
    </message>
    <message>
        <source>A kernel drawn or loaded, in place of the line: a path "x,y x,y ..." in pixels, or rows of numbers "0 1 0; 1 2 1; 0 1 0".</source>
        <translation>Ein gezeichneter oder geladener Kern statt der Linie: ein Weg „x,y x,y ...“ in Pixeln oder Zahlenreihen „0 1 0; 1 2 1; 0 1 0“.</translation>
    </message>
    <message>
        <source>Remove nonlinear blur</source>
        <translation>Nichtlineare Unschärfe entfernen</translation>
    </message>
    <message>
        <source>Blurred by a neural network that imitates moving scenes. Needs its published weights.</source>
        <translation>Von einem neuronalen Netz unscharf gemacht, das bewegte Szenen nachahmt. Braucht dessen veröffentlichte Gewichte.</translation>
    </message>
    <message>
        <source>Kernel seed</source>
        <translation>Startwert des Kerns</translation>
    </message>
    <message>
        <source>Seed of the encoded blur kernel.</source>
        <translation>Startwert des kodierten Unschärfekerns.</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>Gewichte</translation>
    </message>
    <message>
        <source>File of the network's weights; empty: GOPRO_wVAE.pth or nonlinear_blur.safetensors in a model folder.</source>
        <translation>Datei mit den Gewichten des Netzes; leer: GOPRO_wVAE.pth oder nonlinear_blur.safetensors in einem Modellordner.</translation>
    </message>
    <message>
        <source>Undo any program</source>
        <translation>Programm rückgängig machen</translation>
    </message>
    <message>
        <source>What a program of yours does to a picture, as a black box: no gradient is needed. The noise level stands for what it does at random.</source>
        <translation>Was ein eigenes Programm mit einem Bild macht, als Blackbox: Es braucht keinen Gradienten. Die Rauschstärke steht für das, was es zufällig tut.</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>Befehl</translation>
    </message>
    <message>
        <source>Command line for /bin/sh: $1 is the PNG file to read, $2 the one to write; added at the end where it names neither.</source>
        <translation>Befehlszeile für /bin/sh: $1 ist die PNG-Datei zum Lesen, $2 die zum Schreiben; am Ende angefügt, wenn keine davon vorkommt.</translation>
    </message>
    <message>
        <source>Time-out</source>
        <translation>Zeitgrenze</translation>
    </message>
    <message>
        <source>Seconds after which the program is stopped.</source>
        <translation>Sekunden, nach denen das Programm abgebrochen wird.</translation>
    </message>
    <message>
        <source>Denoising</source>
        <translation>Entrauschen</translation>
    </message>
    <message>
        <source>annealed: how x_0 is drawn from x_tau. moment_matching: exact for Gaussian priors up to 3 % of the variance; dpm_solver: SDE-DPM-Solver++(2M).</source>
        <translation>abgekühlt: wie x_0 aus x_tau gezogen wird. Momentabgleich: für Gaußsche Prioren bis auf 3 % der Varianz exakt; DPM-Solver: SDE-DPM-Solver++(2M).</translation>
    </message>
    <message>
        <source>dpm_solver: second-order steps from x_tau to x_0.</source>
        <translation>DPM-Solver: Schritte zweiter Ordnung von x_tau zu x_0.</translation>
    </message>
    <message>
        <source>It does not know the noise of photon counts (Poisson).</source>
        <translation>Es kennt das Rauschen von Photonenzahlen (Poisson) nicht.</translation>
    </message>
    <message>
        <source>It does not know noise that replaces values (salt and pepper).</source>
        <translation>Es kennt kein Rauschen, das Werte ersetzt (Salz und Pfeffer).</translation>
    </message>
    <message>
        <source>It is for models that work in an autoencoder's space, and this one works with the pixels themselves.</source>
        <translation>Es ist für Modelle, die im Raum eines Autoencoders arbeiten; dieses arbeitet mit den Pixeln selbst.</translation>
    </message>
    <message>
        <source>It works in the picture's own space, and this model works in that of an autoencoder.</source>
        <translation>Er arbeitet im Raum des Bildes selbst, dieses Modell in dem eines Autoencoders.</translation>
    </message>
    <message>
        <source>Nothing by itself: it is the autoencoder of a latent model.</source>
        <translation>Für sich allein nichts: Es ist der Autoencoder eines latenten Modells.</translation>
    </message>
    <message>
        <source>Nothing: its network is not known.</source>
        <translation>Nichts: Sein Netz ist nicht bekannt.</translation>
    </message>
    <message>
        <source>Separating songs, making up stems, repairing songs.</source>
        <translation>Stücke trennen, Stimmen erfinden, Stücke reparieren.</translation>
    </message>
    <message>
        <source>All tasks for photos, with every sampler.</source>
        <translation>Alle Aufgaben für Fotos, mit jedem Sampler.</translation>
    </message>
    <message>
        <source>how many channels an attention head has (32 in CompVis' faces; -1 with num_heads for a number of heads)</source>
        <translation>wie viele Kanäle ein Attention-Kopf hat (32 bei den Gesichtern von CompVis; -1 mit num_heads für eine Zahl von Köpfen)</translation>
    </message>
    <message>
        <source>how many channels an attention head has (64 in the published networks of this family; -1 with num_heads for a number of heads)</source>
        <translation>wie viele Kanäle ein Attention-Kopf hat (64 bei den veröffentlichten Netzen dieser Familie; -1 mit num_heads für eine Zahl von Köpfen)</translation>
    </message>
    <message>
        <source>what stands in its config.json (attention_head_dim, norm_num_groups, norm_eps, downsample_padding, freq_shift, flip_sin_to_cos)</source>
        <translation>was in seiner config.json steht (attention_head_dim, norm_num_groups, norm_eps, downsample_padding, freq_shift, flip_sin_to_cos)</translation>
    </message>
    <message>
        <source>how many heads its attention has (8 in MSDM)</source>
        <translation>wie viele Köpfe seine Attention hat (8 bei MSDM)</translation>
    </message>
    <message>
        <source>how many groups its norms have (8 in MSDM)</source>
        <translation>wie viele Gruppen seine Normierungen haben (8 bei MSDM)</translation>
    </message>
    <message>
        <source>Missing parts</source>
        <translation>Fehlende Teile</translation>
    </message>
    <message>
        <source>Noise</source>
        <translation>Rauschen</translation>
    </message>
    <message>
        <source>Too few pixels</source>
        <translation>Zu wenige Pixel</translation>
    </message>
    <message>
        <source>Blur</source>
        <translation>Unschärfe</translation>
    </message>
    <message>
        <source>Compression</source>
        <translation>Kompression</translation>
    </message>
    <message>
        <source>Light and colour</source>
        <translation>Licht und Farbe</translation>
    </message>
    <message>
        <source>Other</source>
        <translation>Anderes</translation>
    </message>
    <message>
        <source>gauss_vi</source>
        <translation>Gauß-VI</translation>
    </message>
    <message>
        <source>gauss_newton</source>
        <translation>Gauß-Newton</translation>
    </message>
    <message>
        <source>jacobian_free</source>
        <translation>ohne Jacobi-Matrix</translation>
    </message>
    <message>
        <source>elliptical_slice</source>
        <translation>elliptischer Schnitt</translation>
    </message>
    <message>
        <source>ensemble_kalman</source>
        <translation>Ensemble-Kalman</translation>
    </message>
    <message>
        <source>annealed</source>
        <translation>abgekühlt</translation>
    </message>
    <message>
        <source>denoised</source>
        <translation>entrauscht</translation>
    </message>
    <message>
        <source>moment_matching</source>
        <translation>Momentabgleich</translation>
    </message>
    <message>
        <source>dpm_solver</source>
        <translation>DPM-Solver</translation>
    </message>
    <message>
        <source>uniform</source>
        <translation>gleichverteilt</translation>
    </message>
    <message>
        <source>mix</source>
        <translation>gemischt</translation>
    </message>
    <message>
        <source>deterministic</source>
        <translation>fest</translation>
    </message>
    <message>
        <source>mix-det</source>
        <translation>gemischt fest</translation>
    </message>
    <message>
        <source>zero</source>
        <translation>null</translation>
    </message>
    <message>
        <source>coefficients</source>
        <translation>Koeffizienten</translation>
    </message>
    <message>
        <source>straight_through</source>
        <translation>Pixel</translation>
    </message>
    <message>
        <source>soft</source>
        <translation>kubisch</translation>
    </message>
    <message>
        <source>box</source>
        <translation>Flächenmittel</translation>
    </message>
    <message>
        <source>bicubic</source>
        <translation>bikubisch</translation>
    </message>
    <message>
        <source>lanczos</source>
        <translation>Lanczos</translation>
    </message>
    <message>
        <source>Bass, drums, guitar, piano (22 kHz)</source>
        <translation>Bass, Schlagzeug, Gitarre, Klavier (22 kHz)</translation>
    </message>
    <message>
        <source>Photos</source>
        <translation>Fotos</translation>
    </message>
    <message>
        <source>Portraits</source>
        <translation>Porträts</translation>
    </message>
    <message>
        <source>The four stems of a band together, as MDCT coefficients at 22,050 Hz; trained on rendered music.</source>
        <translation>Die vier Stimmen einer Band zusammen, als MDCT-Koeffizienten bei 22 050 Hz; mit synthetischer Musik trainiert.</translation>
    </message>
    <message>
        <source>Fully convolutional denoiser for photos of any size; birds, landscapes, groceries, clothes.</source>
        <translation>Faltungsnetz zum Entrauschen von Fotos jeder Größe; Vögel, Landschaften, Lebensmittel, Kleidung.</translation>
    </message>
    <message>
        <source>Faces from 64 to 192 pixels a side, in colour, modern black and white and old photographs.</source>
        <translation>Gesichter von 64 bis 192 Pixeln je Seite, in Farbe, Schwarzweiß und auf alten Fotografien.</translation>
    </message>
    <message>
        <source>Standard deviation of the noise that the first state has beside the observation; all steps lie below it. What is not observed must be small against it. 1000: the schedule&apos;s own, pure noise.</source>
        <translation>Standardabweichung des Rauschens, das der erste Zustand neben der Beobachtung hat; alle Schritte liegen darunter. Was nicht beobachtet wird, muss dagegen klein sein. 1000: das des Rauschplans selbst, reines Rauschen.</translation>
    </message>
    <message>
        <source>Distance to the posterior</source>
        <translation>Abstand zum Posterior</translation>
    </message>
    <message>
        <source>Distance of exact samples</source>
        <translation>Abstand exakter Stichproben</translation>
    </message>
    <message>
        <source>Distance of the prior</source>
        <translation>Abstand des Priors</translation>
    </message>
    <message>
        <source>Error of the modes&apos; shares</source>
        <translation>Fehler der Anteile der Moden</translation>
    </message>
    <message>
        <source>Residual</source>
        <translation>Residuum</translation>
    </message>
    <message>
        <source>Evaluations</source>
        <translation>Auswertungen</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Peak memory</source>
        <translation>Größter Speicherbedarf</translation>
    </message>
    <message>
        <source>SI-SDR improvement</source>
        <translation>Verbesserung des SI-SDR</translation>
    </message>
    <message>
        <source>PSNR of the mean</source>
        <translation>PSNR des Mittels</translation>
    </message>
    <message>
        <source>Jump across the seam, photo&apos;s own 1</source>
        <translation>Sprung über die Naht, im Foto selbst 1</translation>
    </message>
    <message>
        <source>Jump across the seam of the mean, photo&apos;s own 1</source>
        <translation>Sprung über die Naht des Mittels, im Foto selbst 1</translation>
    </message>
    <message>
        <source>PSNR in the hole</source>
        <translation>PSNR im Loch</translation>
    </message>
    <message>
        <source>PSNR in the hole, of the mean</source>
        <translation>PSNR im Loch, des Mittels</translation>
    </message>
    <message>
        <source>SSIM of the mean</source>
        <translation>SSIM des Mittels</translation>
    </message>
    <message>
        <source>SSIM in the hole</source>
        <translation>SSIM im Loch</translation>
    </message>
    <message>
        <source>SSIM in the hole, of the mean</source>
        <translation>SSIM im Loch, des Mittels</translation>
    </message>
    <message>
        <source>GMSD of the mean</source>
        <translation>GMSD des Mittels</translation>
    </message>
    <message>
        <source>GMSD in the hole</source>
        <translation>GMSD im Loch</translation>
    </message>
    <message>
        <source>GMSD in the hole, of the mean</source>
        <translation>GMSD im Loch, des Mittels</translation>
    </message>
    <message>
        <source>Ancestral steps in an autoencoder's space with a gradient step on the misfit and on what the autoencoder makes of a picture that agrees with the observation.</source>
        <translation>Zufällige Schritte im Raum eines Autoencoders, jeder mit einem Gradientenschritt auf die Abweichung und auf das, was der Autoencoder aus einem Bild macht, das zur Beobachtung passt.</translation>
    </message>
    <message>
        <source>Weight of the autoencoder</source>
        <translation>Gewicht des Autoencoders</translation>
    </message>
    <message>
        <source>Strength of the term that keeps the estimate where the autoencoder is at home.</source>
        <translation>Stärke des Terms, der die Schätzung dort hält, wo der Autoencoder zu Hause ist.</translation>
    </message>
    <message>
        <source>Weight of the observation</source>
        <translation>Gewicht der Beobachtung</translation>
    </message>
    <message>
        <source>Strength of the term of what is seen: 0.9 for enlarging, 0.1 else.</source>
        <translation>Stärke des Terms für das, was zu sehen ist: 0,9 beim Vergrößern, sonst 0,1.</translation>
    </message>
    <message>
        <source>Norms over the whole batch, as the public code takes them.</source>
        <translation>Normen über alle Stichproben zusammen, wie der öffentliche Code sie nimmt.</translation>
    </message>
    <message>
        <source>DDIM steps in an autoencoder's space; every tenth estimate is optimised until it agrees with the observation, and the state is drawn anew around it.</source>
        <translation>DDIM-Schritte im Raum eines Autoencoders; jede zehnte Schätzung wird optimiert, bis sie zur Beobachtung passt, und der Zustand um sie herum neu gezogen.</translation>
    </message>
    <message>
        <source>Optimisation steps</source>
        <translation>Optimierungsschritte</translation>
    </message>
    <message>
        <source>At most so many gradient steps in each optimisation; it ends where the observation is met to within its noise.</source>
        <translation>Höchstens so viele Gradientenschritte je Optimierung; sie endet, wo die Beobachtung bis auf ihr Rauschen getroffen ist.</translation>
    </message>
    <message>
        <source>Resampling width</source>
        <translation>Weite der Neuziehung</translation>
    </message>
    <message>
        <source>How far the state may move to what was optimised: 40; 60 to 90 for large holes and for enlarging.</source>
        <translation>Wie weit der Zustand dem Optimierten folgen darf: 40; 60 bis 90 für große Löcher und beim Vergrößern.</translation>
    </message>
    <message>
        <source>Step size, pixels</source>
        <translation>Schrittweite, Pixel</translation>
    </message>
    <message>
        <source>Adam's learning rate for a picture's pixels.</source>
        <translation>Adams Lernrate für die Pixel.</translation>
    </message>
    <message>
        <source>Step size, latents</source>
        <translation>Schrittweite, latent</translation>
    </message>
    <message>
        <source>Adam's learning rate for a latent.</source>
        <translation>Adams Lernrate für den latenten Zustand.</translation>
    </message>
    <message>
        <source>The public code's estimate, levels and shared norms, and a start of its own.</source>
        <translation>Schätzung, Stufen und gemeinsame Normen des öffentlichen Codes und ein eigener Anfang.</translation>
    </message>
    <message>
        <source>the file is damaged or cut off</source>
        <translation>die Datei ist beschädigt oder abgeschnitten</translation>
    </message>
    <message>
        <source>of %1 rows %2 are missing and shown grey</source>
        <translation>von %1 Zeilen fehlen %2, sie sind grau</translation>
    </message>
    <message>
        <source>some of the picture is missing or coarse</source>
        <translation>ein Teil des Bildes fehlt oder ist grob</translation>
    </message>
    <message>
        <source>some of the picture is wrong or coarse</source>
        <translation>ein Teil des Bildes ist falsch oder grob</translation>
    </message>
    <message>
        <source>some of the picture is missing</source>
        <translation>ein Teil des Bildes fehlt</translation>
    </message>
    <message>
        <source>%1 of its pieces are missing, from row %2 of %3 on</source>
        <translation>%1 seiner Stücke fehlen, ab Zeile %2 von %3</translation>
    </message>
    <message>
        <source>of its %1 pages the largest was opened (page %2, %3x%4)</source>
        <translation>von ihren %1 Seiten wurde die größte geöffnet (Seite %2, %3x%4)</translation>
    </message>
    <message>
        <source>channels beside the colours were left out</source>
        <translation>Kanäle neben den Farben wurden weggelassen</translation>
    </message>
    <message>
        <source>an animation</source>
        <translation>eine Animation</translation>
    </message>
    <message>
        <source>its first picture was opened</source>
        <translation>ihr erstes Bild wurde geöffnet</translation>
    </message>
    <message>
        <source>%1 of its values are no numbers (NaN or infinite) and shown black</source>
        <translation>%1 ihrer Werte sind keine Zahlen (NaN oder unendlich) und schwarz dargestellt</translation>
    </message>
    <message>
        <source>its values go up to %1 and were taken as %2 to %3</source>
        <translation>ihre Werte reichen bis %1 und wurden als %2 bis %3 verstanden</translation>
    </message>
    <message>
        <source>%1 of its values lie outside %2 to %3 and were cut</source>
        <translation>%1 ihrer Werte liegen außerhalb von %2 bis %3 und wurden begrenzt</translation>
    </message>
    <message>
        <source>its colour profile is damaged or of another colour space and was left out</source>
        <translation>ihr Farbprofil ist beschädigt oder von einem anderen Farbraum und wurde weggelassen</translation>
    </message>
    <message>
        <source>its inks (CMYK) come without a profile that can be used</source>
        <translation>ihre Druckfarben (CMYK) kommen ohne ein Profil, das sich verwenden lässt</translation>
    </message>
    <message>
        <source>the colours are approximate</source>
        <translation>die Farben stimmen nur ungefähr</translation>
    </message>
    <message>
        <source>all of it is marked transparent, which was taken for a mistake</source>
        <translation>alles ist als durchsichtig markiert, was für ein Versehen gehalten wurde</translation>
    </message>
    <message>
        <source>nothing is painted in the mask</source>
        <translation>in der Maske ist nichts gemalt</translation>
    </message>
    <message>
        <source>the mask is faint</source>
        <translation>die Maske ist schwach</translation>
    </message>
    <message>
        <source>%1 % of the mask is painted, nearly all</source>
        <translation>%1 % der Maske sind gemalt, fast alles</translation>
    </message>
    <message>
        <source>to fill the transparent part of a photo, open it without a mask</source>
        <translation>um den durchsichtigen Teil eines Fotos zu füllen, öffnen Sie es ohne Maske</translation>
    </message>
    <message>
        <source>white is what is filled</source>
        <translation>gefüllt wird, was weiß ist</translation>
    </message>
    <message>
        <source>taken was what is brighter (brightest value %1 of %2)</source>
        <translation>genommen wurde, was heller ist (hellster Wert %1 von %2)</translation>
    </message>
    <message>
        <source>taken was brightness, which is %1 of %2 everywhere</source>
        <translation>genommen wurde die Helligkeit, die überall %1 von %2 ist</translation>
    </message>
    <message>
        <source>taken was labels other than %1 (up to %2)</source>
        <translation>genommen wurden Marken außer %1 (bis %2)</translation>
    </message>
    <message>
        <source>taken was colours other than the background (%1, %2, %3)</source>
        <translation>genommen wurden Farben, die nicht der Hintergrund sind (%1, %2, %3)</translation>
    </message>
    <message>
        <source>taken was what is opaque (the picture is transparent in parts)</source>
        <translation>genommen wurde, was deckt (das Bild ist teilweise durchsichtig)</translation>
    </message>
    <message>
        <source>is a GIF</source>
        <translation>ist ein GIF</translation>
    </message>
    <message>
        <source>is a Photoshop file</source>
        <translation>ist eine Photoshop-Datei</translation>
    </message>
    <message>
        <source>is a GIMP file</source>
        <translation>ist eine GIMP-Datei</translation>
    </message>
    <message>
        <source>is a PDF</source>
        <translation>ist ein PDF</translation>
    </message>
    <message>
        <source>is a PostScript file</source>
        <translation>ist eine PostScript-Datei</translation>
    </message>
    <message>
        <source>is an SVG drawing</source>
        <translation>ist eine SVG-Zeichnung</translation>
    </message>
    <message>
        <source>is an XML or SVG file</source>
        <translation>ist eine XML- oder SVG-Datei</translation>
    </message>
    <message>
        <source>is a web page</source>
        <translation>ist eine Webseite</translation>
    </message>
    <message>
        <source>is an icon</source>
        <translation>ist ein Symbol (ICO)</translation>
    </message>
    <message>
        <source>is a JPEG XL photo</source>
        <translation>ist ein JPEG-XL-Foto</translation>
    </message>
    <message>
        <source>is a camera&apos;s raw photo (Canon CR%1)</source>
        <translation>ist ein Rohfoto einer Kamera (Canon CR%1)</translation>
    </message>
    <message>
        <source>is a camera&apos;s raw photo (Fujifilm RAF)</source>
        <translation>ist ein Rohfoto einer Kamera (Fujifilm RAF)</translation>
    </message>
    <message>
        <source>is a camera&apos;s raw photo (Olympus ORF)</source>
        <translation>ist ein Rohfoto einer Kamera (Olympus ORF)</translation>
    </message>
    <message>
        <source>is a camera&apos;s raw photo (Panasonic RW%1)</source>
        <translation>ist ein Rohfoto einer Kamera (Panasonic RW%1)</translation>
    </message>
    <message>
        <source>is a camera&apos;s raw photo (Sigma X%1F)</source>
        <translation>ist ein Rohfoto einer Kamera (Sigma X%1F)</translation>
    </message>
    <message>
        <source>is a video</source>
        <translation>ist ein Video</translation>
    </message>
    <message>
        <source>is a ZIP archive</source>
        <translation>ist ein ZIP-Archiv</translation>
    </message>
    <message>
        <source>is a Git LFS pointer and not the file itself</source>
        <translation>ist ein Git-LFS-Verweis und nicht die Datei selbst</translation>
    </message>
    <message>
        <source>fetch it with git lfs pull</source>
        <translation>holen Sie sie mit git lfs pull</translation>
    </message>
    <message>
        <source>unpack it first</source>
        <translation>packen Sie es zuerst aus</translation>
    </message>
    <message>
        <source>save the picture itself</source>
        <translation>sichern Sie das Bild selbst</translation>
    </message>
    <message>
        <source>develop it and export it as TIFF or JPEG</source>
        <translation>entwickeln Sie es und exportieren Sie es als TIFF oder JPEG</translation>
    </message>
    <message>
        <source>export it as PNG or TIFF</source>
        <translation>exportieren Sie es als PNG oder TIFF</translation>
    </message>
    <message>
        <source>save one of its pictures as PNG</source>
        <translation>sichern Sie eines seiner Bilder als PNG</translation>
    </message>
    <message>
        <source>export its page as PNG</source>
        <translation>exportieren Sie seine Seite als PNG</translation>
    </message>
    <message>
        <source>is not an image that can be read (damaged, or an unknown format)</source>
        <translation>ist kein Bild, das sich lesen lässt (beschädigt oder von unbekanntem Format)</translation>
    </message>
    <message>
        <source>is damaged or cut off, or of a kind that cannot be read</source>
        <translation>ist beschädigt oder abgeschnitten, oder von einer Art, die sich nicht lesen lässt</translation>
    </message>
    <message>
        <source>save it as PNG</source>
        <translation>sichern Sie es als PNG</translation>
    </message>
    <message>
        <source>has %1x%2 pixels</source>
        <translation>hat %1x%2 Pixel</translation>
    </message>
    <message>
        <source>at most %1 megapixels can be opened</source>
        <translation>höchstens %1 Megapixel lassen sich öffnen</translation>
    </message>
    <message>
        <source>is empty</source>
        <translation>ist leer</translation>
    </message>
    <message>
        <source>is too large for the memory</source>
        <translation>ist zu groß für den Speicher</translation>
    </message>
    <message>
        <source>cannot be written (is the folder there and writable, and the disk not full?)</source>
        <translation>kann nicht geschrieben werden (ist der Ordner da und beschreibbar und der Datenträger nicht voll?)</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>Beschreibung</translation>
    </message>
    <message>
        <source>What the picture shows, in a few words; empty: the model's own law.</source>
        <translation>Was das Bild zeigt, in wenigen Worten; leer: das eigene Gesetz des Modells.</translation>
    </message>
    <message>
        <source>Negative prompt</source>
        <translation>Nicht im Bild</translation>
    </message>
    <message>
        <source>What it does not show; only with a guidance scale other than 1.</source>
        <translation>Was es nicht zeigt (negative prompt); nur bei einer anderen Führung als 1.</translation>
    </message>
    <message>
        <source>Guidance scale</source>
        <translation>Führung</translation>
    </message>
    <message>
        <source>Of classifier-free guidance: 1 samples the posterior under the model's law given the prompt, more follows the prompt more closely at twice the cost.</source>
        <translation>Der klassifikatorfreien Führung (guidance scale): 1 zieht aus der Posterior-Verteilung unter dem Gesetz des Modells zur Beschreibung; mehr folgt ihr enger und kostet doppelt so viel.</translation>
    </message>
    <message>
        <source>Decoder&apos;s Jacobian</source>
        <translation>Jacobi-Matrix des Dekoders</translation>
    </message>
    <message>
        <source>Latent models, gauss_newton and jacobian_free. exact: derivatives of the decoder. linear: of an affine map fitted to what was decoded, which costs next to nothing.</source>
        <translation>Latente Modelle, gauss_newton und jacobian_free. exact: Ableitungen des Dekoders. linear: die einer affinen Abbildung, die an das bisher Dekodierte angepasst ist und fast nichts kostet.</translation>
    </message>
    <message>
        <source>Reverse steps drawn together with a likelihood that the network&apos;s own noise estimate makes linear: two evaluations a step, no gradient.</source>
        <translation>Rückwärtsschritte, gemeinsam mit einer Likelihood gezogen, die durch die eigene Rauschschätzung des Netzes linear wird: zwei Auswertungen je Schritt, kein Gradient.</translation>
    </message>
    <message>
        <source>Spread of the reverse step</source>
        <translation>Streuung des Rückwärtsschritts</translation>
    </message>
    <message>
        <source>ddpm: ancestral. With tau = sigma / (alpha + sigma) of the next level, square: sigma tau, and root: sigma sqrt(tau), wider than ddpm&apos;s at high levels.</source>
        <translation>ddpm: wie beim Vorwärtsprozess. Mit tau = sigma / (alpha + sigma) der nächsten Stufe, square: sigma tau, und root: sigma sqrt(tau), auf hohen Stufen breiter als ddpm.</translation>
    </message>
    <message>
        <source>Refresh the hole</source>
        <translation>Loch auffrischen</translation>
    </message>
    <message>
        <source>Models on latents: steps between encodings of the picture with what the chain has in its hole.</source>
        <translation>Latente Modelle: Schritte, nach denen das Bild mit dem, was die Kette im Loch hat, neu kodiert wird.</translation>
    </message>
    <message>
        <source>exact</source>
        <translation>exakt</translation>
    </message>
    <message>
        <source>linear</source>
        <translation>linear</translation>
    </message>
    <message>
        <source>ddpm</source>
        <translation>DDPM</translation>
    </message>
    <message>
        <source>square</source>
        <translation>quadratisch</translation>
    </message>
    <message>
        <source>root</source>
        <translation>Wurzel</translation>
    </message>
    <message>
        <source>All tasks for photos, with the samplers for latent models.</source>
        <translation>Alle Aufgaben für Fotos, mit den Samplern für latente Modelle.</translation>
    </message>
    <message>
        <source>All tasks for photos, with a few words as a hint or none, with the samplers for latent models.</source>
        <translation>Alle Aufgaben für Fotos, mit ein paar Worten als Hinweis oder ohne, mit den Samplern für latente Modelle.</translation>
    </message>
    <message>
        <source>Faces (FFHQ), 256 pixels</source>
        <translation>Gesichter (FFHQ), 256 Pixel</translation>
    </message>
    <message>
        <source>ImageNet, 256 pixels, no classes</source>
        <translation>ImageNet, 256 Pixel, ohne Klassen</translation>
    </message>
    <message>
        <source>Faces (FFHQ), latent, 256 pixels</source>
        <translation>Gesichter (FFHQ), latent, 256 Pixel</translation>
    </message>
    <message>
        <source>Churches (LSUN), latent, 256 pixels</source>
        <translation>Kirchen (LSUN), latent, 256 Pixel</translation>
    </message>
    <message>
        <source>Stable Diffusion 1.5 (words), latent, 512 pixels</source>
        <translation>Stable Diffusion 1.5 (Worte), latent, 512 Pixel</translation>
    </message>
    <message>
        <source>Stable Diffusion 2.1 (words), latent, 768 pixels; 2.1-base, 512 pixels</source>
        <translation>Stable Diffusion 2.1 (Worte), latent, 768 Pixel; 2.1-base, 512 Pixel</translation>
    </message>
    <message>
        <source>Stable Diffusion XL 1.0 base (words), latent, 1024 pixels</source>
        <translation>Stable Diffusion XL 1.0 base (Worte), latent, 1024 Pixel</translation>
    </message>
    <message>
        <source>Autoencoder of the latent faces</source>
        <translation>Autoencoder der latenten Gesichter</translation>
    </message>
    <message>
        <source>Autoencoder of the latent churches</source>
        <translation>Autoencoder der latenten Kirchen</translation>
    </message>
    <message>
        <source>Bass, drums, guitar, piano (Slakh2100)</source>
        <translation>Bass, Schlagzeug, Gitarre, Klavier (Slakh2100)</translation>
    </message>
    <message>
        <source>Faces (CelebA-HQ), 256 pixels</source>
        <translation>Gesichter (CelebA-HQ), 256 Pixel</translation>
    </message>
    <message>
        <source>Small pictures (CIFAR-10), 32 pixels</source>
        <translation>Kleine Bilder (CIFAR-10), 32 Pixel</translation>
    </message>
    <message>
        <source>Photos, latent</source>
        <translation>Fotos, latent</translation>
    </message>
    <message>
        <source>Photos of any size in the space of an autoencoder, four times smaller on a side: sees further, and a step costs less.</source>
        <translation>Fotos jeder Größe im Raum eines Autoencoders, an jeder Seite viermal kleiner: sieht weiter, und ein Schritt kostet weniger.</translation>
    </message>
    <message>
        <source>the authors of DPS</source>
        <translation>die Autoren von DPS</translation>
    </message>
    <message>
        <source>not stated; the photos of FFHQ are CC BY-NC-SA 4.0</source>
        <translation>nicht angegeben; die Fotos von FFHQ stehen unter CC BY-NC-SA 4.0</translation>
    </message>
    <message>
        <source>it lies in a folder of Google Drive that asks for clicks; the page links it: fetch ffhq_10m.pt there, then import the file</source>
        <translation>sie liegt in einem Ordner bei Google Drive, der Klicks verlangt; die Seite verweist darauf: dort ffhq_10m.pt holen, dann die Datei importieren</translation>
    </message>
    <message>
        <source>OpenAI</source>
        <translation>OpenAI</translation>
    </message>
    <message>
        <source>MIT</source>
        <translation>MIT</translation>
    </message>
    <message>
        <source>CompVis</source>
        <translation>CompVis</translation>
    </message>
    <message>
        <source>Google</source>
        <translation>Google</translation>
    </message>
    <message>
        <source>Apache-2.0</source>
        <translation>Apache-2.0</translation>
    </message>
    <message>
        <source>Stability AI</source>
        <translation>Stability AI</translation>
    </message>
    <message>
        <source>PSNR</source>
        <translation>PSNR</translation>
    </message>
    <message>
        <source>SSIM</source>
        <translation>SSIM</translation>
    </message>
    <message>
        <source>GMSD</source>
        <translation>GMSD</translation>
    </message>
    <message>
        <source>SI-SDR</source>
        <translation>SI-SDR</translation>
    </message>
    <message>
        <source>SDR</source>
        <translation>SDR</translation>
    </message>
    <message>
        <source>1 - SSIM</source>
        <translation>1 - SSIM</translation>
    </message>
    <message>
        <source>1 - GMS</source>
        <translation>1 - GMS</translation>
    </message>
    <message>
        <source>MIT; the photos of FFHQ are CC BY-NC-SA 4.0</source>
        <translation>MIT; die Fotos von FFHQ stehen unter CC BY-NC-SA 4.0</translation>
    </message>
    <message>
        <source>it is the autoencoder of a latent model, for --set first_stage=FILE when that is imported</source>
        <translation>der Autoencoder eines latenten Modells, für --set first_stage=DATEI, wenn dieses importiert wird</translation>
    </message>
    <message>
        <source>the authors of MSDM</source>
        <translation>die Autoren von MSDM</translation>
    </message>
    <message>
        <source>see its repository</source>
        <translation>siehe dortiges Repository</translation>
    </message>
    <message>
        <source>its page tells where the checkpoint lies; fetch it there, then import the file</source>
        <translation>die Seite sagt, wo der Checkpoint liegt; dort holen, dann die Datei importieren</translation>
    </message>
    <message>
        <source>Stable Diffusion 1.5, 512 pixels</source>
        <translation>Stable Diffusion 1.5, 512 Pixel</translation>
    </message>
    <message>
        <source>Stable Diffusion 2.1, 768 pixels</source>
        <translation>Stable Diffusion 2.1, 768 Pixel</translation>
    </message>
    <message>
        <source>Stable Diffusion XL 1.0, 1024 pixels</source>
        <translation>Stable Diffusion XL 1.0, 1024 Pixel</translation>
    </message>
    <message>
        <source>Runway, who has withdrawn it; a copy kept by its users</source>
        <translation>Runway, dort zurückgezogen; eine Kopie, die Nutzer bewahren</translation>
    </message>
    <message>
        <source>Stability AI, who has withdrawn it; a copy kept by its users</source>
        <translation>Stability AI, dort zurückgezogen; eine Kopie, die Nutzer bewahren</translation>
    </message>
    <message>
        <source>CreativeML Open RAIL-M (with restrictions of use that pass on)</source>
        <translation>CreativeML Open RAIL-M (mit Einschränkungen der Nutzung, die weiterzugeben sind)</translation>
    </message>
    <message>
        <source>CreativeML Open RAIL++-M (with restrictions of use that pass on)</source>
        <translation>CreativeML Open RAIL++-M (mit Einschränkungen der Nutzung, die weiterzugeben sind)</translation>
    </message>
    <message>
        <source>SDR, median of seconds</source>
        <translation>SDR, Median der Sekunden</translation>
    </message>
    <message>
        <source>Signed error</source>
        <translation>Fehler mit Vorzeichen</translation>
    </message>
    <message>
        <source>of the range</source>
        <translation>des Wertebereichs</translation>
    </message>
    <message>
        <source>Absolute error</source>
        <translation>Absoluter Fehler</translation>
    </message>
    <message>
        <source>Squared error</source>
        <translation>Quadratischer Fehler</translation>
    </message>
    <message>
        <source>of the range squared</source>
        <translation>des Wertebereichs im Quadrat</translation>
    </message>
    <message>
        <source>SSIM map</source>
        <translation>SSIM-Karte</translation>
    </message>
    <message>
        <source>GMSD map</source>
        <translation>GMSD-Karte</translation>
    </message>
    <message>
        <source>SI-SDR improvement of one sample</source>
        <translation>Verbesserung des SI-SDR einer Stichprobe</translation>
    </message>
    <message>
        <source>SI-SDR improvement of the samples&apos; mean</source>
        <translation>Verbesserung des SI-SDR des Mittels der Stichproben</translation>
    </message>
    <message>
        <source>SI-SDR of one sample</source>
        <translation>SI-SDR einer Stichprobe</translation>
    </message>
    <message>
        <source>SI-SDR of the samples&apos; mean</source>
        <translation>SI-SDR des Mittels der Stichproben</translation>
    </message>
    <message>
        <source>SDR of one sample</source>
        <translation>SDR einer Stichprobe</translation>
    </message>
    <message>
        <source>SDR of the samples&apos; mean</source>
        <translation>SDR des Mittels der Stichproben</translation>
    </message>
    <message>
        <source>SDR, median of seconds of one sample</source>
        <translation>SDR, Median der Sekunden einer Stichprobe</translation>
    </message>
    <message>
        <source>SDR, median of seconds of the samples&apos; mean</source>
        <translation>SDR, Median der Sekunden des Mittels der Stichproben</translation>
    </message>
</context>
</TS>
