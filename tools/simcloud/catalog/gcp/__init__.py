from tools.simcloud.kinds import Kind

GCP: tuple[Kind, ...] = ()
