from tools.simcloud.kinds import Kind

AZURE: tuple[Kind, ...] = ()
